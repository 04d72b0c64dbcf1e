package io.faultdisk.cli.io;

import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Memory for requests: at addresses that O_DIRECT takes, or with {@code --misalign} at ones that it
 * does not.
 *
 * @param misaligned whether every buffer begins {@value #MISALIGNMENT} bytes behind an aligned
 *     address
 */
record Buffers(boolean misaligned) {
  private static final int ALIGNMENT = 4096;
  private static final int SECTOR = 512;
  private static final int MISALIGNMENT = 16;
  private static final int CHUNK = 1 << 16;

  /**
   * A buffer in which every byte has the same value.
   *
   * @param bytes its capacity, at most 2147483136
   */
  ByteBuffer filled(int bytes, int value) {
    ByteBuffer buffer = allocate(bytes);
    if (value != 0) {
      byte[] chunk = new byte[Math.min(bytes, CHUNK)];
      Arrays.fill(chunk, (byte) value);
      while (buffer.hasRemaining()) {
        buffer.put(chunk, 0, Math.min(chunk.length, buffer.remaining()));
      }
      buffer.clear();
    }
    return buffer;
  }

  /** A buffer of zeroes. */
  ByteBuffer allocate(int bytes) {
    int extra = misaligned ? MISALIGNMENT : 0;
    // The longest request plus a page does not fit in an int.
    int alignment = bytes <= Integer.MAX_VALUE - ALIGNMENT - extra ? ALIGNMENT : SECTOR;
    if (bytes > Integer.MAX_VALUE - SECTOR - extra) {
      extra = 0;
    }
    return AlignedBuffers.allocate(bytes + extra, alignment).slice(extra, bytes);
  }

  /** Whether all of a part of a buffer has the same value. */
  static boolean holdsOnly(ByteBuffer buffer, int from, int bytes, int value) {
    byte wanted = (byte) value;
    long eight = (value & 0xffL) * 0x0101010101010101L;
    int end = from + bytes;
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      if (buffer.getLong(at) != eight) {
        return false;
      }
    }
    for (; at < end; at++) {
      if (buffer.get(at) != wanted) {
        return false;
      }
    }
    return true;
  }
}
