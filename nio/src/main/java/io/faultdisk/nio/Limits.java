package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Lets an operation see only the first bytes of buffers. */
final class Limits {
  private Limits() {}

  /** Something that moves bytes from or to a buffer. */
  @FunctionalInterface
  interface Move {
    long run() throws IOException;
  }

  /** Writes at most so many bytes of a buffer. */
  static int first(ByteBuffer buffer, int bytes, OpenFile.Write write) throws IOException {
    int limit = buffer.limit();
    if (bytes >= limit - buffer.position()) {
      return write.from(buffer);
    }
    buffer.limit(buffer.position() + bytes);
    try {
      return write.from(buffer);
    } finally {
      buffer.limit(limit);
    }
  }

  /** How many bytes are left in some of the buffers; -1 if there are no such buffers. */
  static long remaining(ByteBuffer[] buffers, int from, int count) {
    if (from < 0 || count < 0 || count > buffers.length - from) {
      return -1;
    }
    long remaining = 0;
    for (int i = from; i < from + count; i++) {
      remaining += buffers[i].remaining();
    }
    return remaining;
  }

  /** Moves at most so many bytes of some of the buffers. */
  static long first(ByteBuffer[] buffers, int from, int count, long bytes, Move move)
      throws IOException {
    int[] limits = new int[count];
    long left = bytes;
    for (int i = 0; i < count; i++) {
      ByteBuffer buffer = buffers[from + i];
      limits[i] = buffer.limit();
      int allowed = (int) Math.min(left, buffer.remaining());
      buffer.limit(buffer.position() + allowed);
      left -= allowed;
    }
    try {
      return move.run();
    } finally {
      for (int i = 0; i < count; i++) {
        buffers[from + i].limit(limits[i]);
      }
    }
  }
}
