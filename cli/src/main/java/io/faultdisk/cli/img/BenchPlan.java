package io.faultdisk.cli.img;

import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;

/**
 * What {@code bench} is to send.
 *
 * @param write writes rather than reads
 * @param bufferSize bytes of each request
 * @param depth how many requests are in flight at a time
 * @param count how many requests in all
 * @param offset where the first one goes, in bytes
 * @param step bytes from one request to the next; behind the end of the image it starts over
 * @param flushInterval a flush after so many requests; 0 for none
 * @param drain whether a flush waits for the requests before it
 * @param pattern every byte that is written
 */
record BenchPlan(
    boolean write,
    int bufferSize,
    int depth,
    int count,
    long offset,
    int step,
    int flushInterval,
    boolean drain,
    int pattern) {
  private static final int ALIGNMENT = 4096;

  /** Where the request with that number (from 0) goes, in an image of {@code size} bytes. */
  long offsetOf(long number, long size) {
    if (number == 0 || size == 0) {
      return offset;
    }
    long second = Long.remainderUnsigned(offset + step, size);
    return (second + (number - 1) * step) % size;
  }

  /**
   * How many requests complete before the first flush that waits for all: the queue is filled up
   * again until what is left to send is a multiple of the interval.
   */
  int firstRound() {
    if (flushInterval == 0 || count <= depth) {
      return count;
    }
    return depth + (count - depth) % flushInterval;
  }

  /** Whether a flush that waits for nobody is sent when that many requests have completed. */
  boolean flushesAfter(int completed) {
    int unsent = Math.max(0, count - depth - (completed - 1));
    return flushInterval > 0 && !drain && unsent % flushInterval == 0;
  }

  /** A buffer for one request, filled with the pattern. */
  ByteBuffer buffer() {
    ByteBuffer buffer = AlignedBuffers.allocate(bufferSize, ALIGNMENT);
    while (pattern != 0 && buffer.hasRemaining()) {
      buffer.put((byte) pattern);
    }
    return buffer.clear();
  }

  /** The lines that announce the run. */
  String announcement() {
    String line =
        "Sending "
            + count
            + (write ? " write" : " read")
            + " requests, "
            + bufferSize
            + " bytes each, "
            + depth
            + " in parallel (starting at offset "
            + offset
            + ", step size "
            + step
            + ")";
    return flushInterval == 0
        ? line
        : line + "\nSending flush every " + flushInterval + " requests";
  }
}
