package io.faultdisk.explore.disk;

import java.nio.ByteBuffer;

/** Something that was done to the medium, in the order in which it arrived. Immutable. */
sealed interface LogEntry {
  /** When, on the run's {@link Ticks}. */
  long tick();

  /** Which request of the blkdebug node it belongs to, from 1; 0 if to none. */
  int request();

  /**
   * Data, or zeroes if there are none.
   *
   * @param data without any bytes for zeroes; its position is not to be changed
   * @param fua whether it is durable once it is done
   */
  record Write(long tick, int request, long offset, long bytes, ByteBuffer data, boolean fua)
      implements LogEntry {
    boolean isZero() {
      return !data.hasRemaining();
    }
  }

  /** A flush that succeeded: all before it is durable. */
  record Flush(long tick, int request) implements LogEntry {}

  /** Another length; durable at once, as if it were the file system's own. */
  record Truncate(long tick, int request, long size) implements LogEntry {}
}
