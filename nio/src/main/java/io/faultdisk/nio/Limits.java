package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Lets an operation see only the first bytes of buffers. */
final class Limits {
  /** More is moved by the next call of a program that asks for more at once. */
  private static final int TOGETHER_BYTES_MAX = 64 << 20;

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

  /** The next bytes of some of the buffers, copied, as many as one buffer may hold. */
  static ByteBuffer gathered(ByteBuffer[] buffers, int from, int count) {
    ByteBuffer all = together(remaining(buffers, from, count));
    for (int i = from; i < from + count; i++) {
      ByteBuffer part = buffers[i].duplicate();
      part.limit(part.position() + Math.min(part.remaining(), all.remaining()));
      all.put(part);
    }
    return all.flip();
  }

  /** Room for so many bytes, or as many as one buffer may hold. */
  static ByteBuffer together(long bytes) {
    return ByteBuffer.allocate((int) Math.min(bytes, TOGETHER_BYTES_MAX));
  }

  /** So many bytes of some of the buffers were written. */
  static void advance(ByteBuffer[] buffers, int from, int count, int bytes) {
    int left = bytes;
    for (int i = from; i < from + count; i++) {
      int part = Math.min(left, buffers[i].remaining());
      buffers[i].position(buffers[i].position() + part);
      left -= part;
    }
  }

  /** Puts bytes into some of the buffers, which have the room. */
  static void scatter(ByteBuffer bytes, ByteBuffer[] buffers, int from, int count) {
    for (int i = from; i < from + count; i++) {
      ByteBuffer part = bytes.duplicate();
      part.limit(part.position() + Math.min(part.remaining(), buffers[i].remaining()));
      bytes.position(part.limit());
      buffers[i].put(part);
    }
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
