package io.faultdisk.block;

import io.faultdisk.base.Errno;
import java.nio.ByteBuffer;

/**
 * A caller's buffer seen as a request that is aligned at both ends.
 *
 * <p>An aligned request is the caller's buffer itself, without a copy. Otherwise the pieces that
 * touch the padding go through a buffer of their own: {@code |head| caller's bytes |tail|}.
 *
 * <p>For one request and its thread.
 */
final class PaddedBuffer {
  private static final byte[] ZEROES = new byte[4096];

  private final ByteBuffer user;
  private final long userOffset;
  private final long offset;
  private final long bytes;
  private final int align;
  private ByteBuffer edges = ByteBuffer.allocate(0);

  private PaddedBuffer(ByteBuffer user, long userOffset, long offset, long bytes, int align) {
    this.user = user;
    this.userOffset = userOffset;
    this.offset = offset;
    this.bytes = bytes;
    this.align = align;
  }

  /**
   * The request for {@code buffer.remaining()} bytes at {@code offset}, widened to multiples of
   * {@code align}.
   */
  static PaddedBuffer of(long offset, ByteBuffer buffer, long align) {
    long start = offset & -align;
    long end = (offset + buffer.remaining() + align - 1) & -align;
    return new PaddedBuffer(buffer, offset, start, end - start, (int) align);
  }

  /** Start of the padded request. */
  long offset() {
    return offset;
  }

  /** Length of the padded request. */
  long bytes() {
    return bytes;
  }

  /** Bytes of padding before the caller's. */
  int head() {
    return (int) (userOffset - offset);
  }

  /** Bytes of padding behind the caller's. */
  int tail() {
    return (int) (offset + bytes - userOffset - user.remaining());
  }

  boolean isPadded() {
    return bytes != user.remaining();
  }

  /**
   * True if all that has to be read for a read-modify-write is one stretch: one block, or two that
   * touch.
   */
  boolean oneRead() {
    return bytes == (bytes > align && head() != 0 && tail() != 0 ? 2L * align : align);
  }

  /**
   * Room for the padding blocks of a read-modify-write: the first block, and the last if it is
   * another one.
   */
  ByteBuffer edges() throws BlockIoException {
    if (edges.capacity() == 0) {
      edges = Memory.heap(bytes > align && head() != 0 && tail() != 0 ? 2L * align : align);
    }
    return edges;
  }

  /** Where the last block lies in {@link #edges}. */
  int lastEdge() throws BlockIoException {
    return edges().capacity() - align;
  }

  /** A buffer to read a part of the padded request into; give it back with {@link #readDone}. */
  ByteBuffer readView(long partOffset, int partBytes) throws BlockIoException {
    return inside(partOffset, partBytes)
        ? user.slice(user.position() + (int) (partOffset - userOffset), partBytes)
        : Memory.heap(partBytes);
  }

  void readDone(long partOffset, ByteBuffer part) {
    int partBytes = part.capacity();
    if (!inside(partOffset, partBytes)) {
      part.clear();
      copyFrom(partOffset, part);
    }
  }

  /** Copies what overlaps the caller's bytes out of a buffer that starts at {@code partOffset}. */
  void copyFrom(long partOffset, ByteBuffer part) {
    long from = Math.max(partOffset, userOffset);
    long to = Math.min(partOffset + part.capacity(), userOffset + user.remaining());
    if (from < to) {
      int count = (int) (to - from);
      user.put(user.position() + (int) (from - userOffset), part, (int) (from - partOffset), count);
    }
  }

  /** Fills what overlaps the caller's bytes with zeroes. */
  void zero(long partOffset, long partBytes) {
    long from = Math.max(partOffset, userOffset);
    long to = Math.min(partOffset + partBytes, userOffset + user.remaining());
    for (long at = from; at < to; at += ZEROES.length) {
      int count = (int) Math.min(ZEROES.length, to - at);
      user.put(user.position() + (int) (at - userOffset), ZEROES, 0, count);
    }
  }

  /** The bytes to write for a part of the padded request. */
  ByteBuffer writeView(long partOffset, int partBytes) throws BlockIoException {
    if (inside(partOffset, partBytes)) {
      return user.slice(user.position() + (int) (partOffset - userOffset), partBytes);
    }
    ByteBuffer part = Memory.heap(partBytes);
    long end = partOffset + partBytes;
    long userEnd = userOffset + user.remaining();
    if (partOffset < userOffset) {
      int count = (int) (Math.min(end, userOffset) - partOffset);
      part.put(0, edges(), (int) (partOffset - offset), count);
    }
    long from = Math.max(partOffset, userOffset);
    long to = Math.min(end, userEnd);
    if (from < to) {
      part.put(
          (int) (from - partOffset),
          user,
          user.position() + (int) (from - userOffset),
          (int) (to - from));
    }
    if (end > userEnd) {
      long tailStart = Math.max(partOffset, userEnd);
      int fromEnd = (int) (offset + bytes - tailStart);
      part.put(
          (int) (tailStart - partOffset),
          edges(),
          edges().capacity() - fromEnd,
          (int) (end - tailStart));
    }
    return part;
  }

  /** All bytes to write; ENOMEM if they do not fit into one buffer. */
  ByteBuffer whole() throws BlockIoException {
    if (bytes > Integer.MAX_VALUE) {
      throw new BlockIoException(Errno.ENOMEM);
    }
    return writeView(offset, (int) bytes);
  }

  private boolean inside(long partOffset, long partBytes) {
    return partOffset >= userOffset && partOffset + partBytes <= userOffset + user.remaining();
  }
}
