package io.faultdisk.explore.disk;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one run of a workload: its disk, and what is remembered of it. Any thread, unless
 * said otherwise.
 */
final class DiskRun {
  private final DiskOverlay disk;
  private final @Nullable DiskLog log;
  private final Ticks ticks = new Ticks();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong epoch = new AtomicLong();

  private DiskRun(DiskOverlay disk, @Nullable DiskLog log) {
    this.disk = disk;
    this.log = log;
  }

  /** A run on a disk that begins so; what reaches it is not logged. */
  static DiskRun on(DiskContent start) {
    return new DiskRun(new DiskOverlay(start), null);
  }

  /** The same, with a log. */
  static DiskRun recorded(DiskContent start) {
    return new DiskRun(new DiskOverlay(start), new DiskLog());
  }

  DiskOverlay disk() {
    return disk;
  }

  @Nullable DiskLog log() {
    return log;
  }

  Ticks ticks() {
    return ticks;
  }

  /** How many requests the blkdebug node was asked about so far. */
  int requests() {
    return requests.get();
  }

  /** One more; returns its number, from 1. */
  int nextRequest() {
    return requests.incrementAndGet();
  }

  /** How many flushes were completed. */
  long epoch() {
    return epoch.get();
  }

  void flushed() {
    epoch.incrementAndGet();
  }
}
