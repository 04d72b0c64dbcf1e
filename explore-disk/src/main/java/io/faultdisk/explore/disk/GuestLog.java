package io.faultdisk.explore.disk;

import io.faultdisk.block.BackendObserver;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a disk's user wrote and flushed in one run, and what it was told. Any thread. */
final class GuestLog implements BackendObserver {
  /** {@link Write#end} of a write that has not returned. */
  static final long NEVER = Long.MAX_VALUE;

  private static final byte[] NO_DATA = {};

  private final Ticks ticks;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Write> writes = new ArrayList<>();
  private final List<Flush> flushes = new ArrayList<>();

  /** When the last request returned. */
  private volatile long lastEnd;

  /**
   * A write, or zeroes if it has no data. Guarded by the log's lock until the run is over.
   *
   * <p>{@code start} and {@code end} are {@link Ticks}.
   */
  static final class Write {
    final long offset;
    final long bytes;
    final byte[] data;
    final boolean fua;

    /** What is there afterwards is undefined, until it is written to. */
    final boolean discard;

    final long start;
    long end = NEVER;
    boolean acknowledged;

    Write(long offset, long bytes, byte[] data, boolean fua, boolean discard, long start) {
      this.offset = offset;
      this.bytes = bytes;
      this.data = data;
      this.fua = fua;
      this.discard = discard;
      this.start = start;
    }

    boolean isZero() {
      return data.length == 0;
    }
  }

  /**
   * A flush that was acknowledged.
   *
   * @param start when it was asked for
   * @param end when its user was told
   */
  record Flush(long start, long end) {}

  GuestLog(Ticks ticks) {
    this.ticks = ticks;
  }

  @Override
  public Ongoing began(
      RequestType type, long offset, long bytes, @Nullable ByteBuffer data, int flags) {
    long start = ticks.next();
    return switch (type) {
      case WRITE, WRITE_ZEROES, DISCARD -> write(type, offset, bytes, data, flags, start);
      case FLUSH ->
          failure ->
              locked(
                  () -> {
                    long end = ended();
                    if (failure == null) {
                      flushes.add(new Flush(start, end));
                    }
                  });
      case READ, BLOCK_STATUS -> failure -> locked(this::ended);
    };
  }

  private Ongoing write(
      RequestType type, long offset, long bytes, @Nullable ByteBuffer data, int flags, long start) {
    byte[] written = NO_DATA;
    if (data != null) {
      written = new byte[data.remaining()];
      data.duplicate().get(written);
    }
    boolean fua = (flags & RequestFlags.FUA) != 0;
    boolean discard = type == RequestType.DISCARD;
    Write write = new Write(offset, bytes, written, fua, discard, start);
    locked(() -> writes.add(write));
    return failure ->
        locked(
            () -> {
              write.end = ended();
              write.acknowledged = !discard && failure == null;
            });
  }

  /**
   * The image was closed. If nothing failed since the last request of its user ended, that was as
   * good as a flush.
   *
   * @param lastFailure when a request below failed last; 0 if none did
   */
  void closedAfter(long lastFailure) {
    if (lastFailure < lastEnd) {
      closed();
    }
  }

  /** The image was closed without any trouble: as good as a flush. */
  void closed() {
    long tick = ticks.next();
    locked(() -> flushes.add(new Flush(tick, ticks.next())));
  }

  private long ended() {
    lastEnd = ticks.next();
    return lastEnd;
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  List<Write> writes() {
    lock.lock();
    try {
      return List.copyOf(writes);
    } finally {
      lock.unlock();
    }
  }

  List<Flush> flushes() {
    lock.lock();
    try {
      return List.copyOf(flushes);
    } finally {
      lock.unlock();
    }
  }
}
