package io.faultdisk.posix;

import java.nio.ByteBuffer;

/**
 * Native memory at addresses that O_DIRECT accepts.
 *
 * <p>Safe from any thread. The memory is zeroed, counts against {@code -XX:MaxDirectMemorySize} and
 * goes back when the buffer is garbage.
 */
public final class AlignedBuffers {
  private AlignedBuffers() {}

  /**
   * Allocates a direct buffer whose first byte lies at a multiple of {@code alignment}.
   *
   * @param bytes capacity, at least 0
   * @param alignment in bytes, a power of two of at most 1 MiB
   */
  public static ByteBuffer allocate(int bytes, int alignment) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes (" + bytes + ") must not be negative");
    }
    if (Integer.bitCount(alignment) != 1 || alignment > 1 << 20) {
      throw new IllegalArgumentException(
          "alignment (" + alignment + ") must be a power of two of at most 1 MiB");
    }
    ByteBuffer raw = ByteBuffer.allocateDirect(Math.addExact(bytes, alignment - 1));
    int skip = -raw.alignmentOffset(0, alignment) & (alignment - 1);
    return raw.slice(skip, bytes);
  }

  /**
   * Whether a transfer of the buffer's remaining bytes starts at a multiple of {@code alignment}.
   * Always false for a heap buffer.
   */
  public static boolean isAligned(ByteBuffer buffer, int alignment) {
    return buffer.isDirect() && buffer.alignmentOffset(buffer.position(), alignment) == 0;
  }
}
