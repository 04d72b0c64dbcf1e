package io.faultdisk.block.qcow2;

import io.faultdisk.base.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Drops tables from the caches that were not used for one whole interval ({@code
 * cache-clean-interval}). There is no timer: whoever uses a cache catches up with the intervals
 * that have ended. Under the metadata lock.
 */
final class CacheAging {
  /** After two idle intervals nothing is left to drop. */
  private static final long ROUNDS_MAX = 2;

  private final Clock clock;
  private final long intervalNanos;
  private long start;

  /**
   * Begins the first interval.
   *
   * @param seconds length of an interval, 0 for never
   */
  CacheAging(Clock clock, long seconds) {
    this.clock = clock;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(seconds);
    this.start = clock.nanoTime();
  }

  /** Does what is due. */
  void catchUp(TableCache l2, TableCache refcounts) {
    if (intervalNanos == 0) {
      return;
    }
    long ended = (clock.nanoTime() - start) / intervalNanos;
    for (long i = 0; i < Math.min(ended, ROUNDS_MAX); i++) {
      l2.dropUnused();
      refcounts.dropUnused();
    }
    start += ended * intervalNanos;
  }
}
