package io.faultdisk.block;

import io.faultdisk.base.Errno;
import java.nio.ByteBuffer;

/**
 * A caller's buffer seen as a request that is aligned at both ends.
 *
 * <p>An aligned request is the caller's buffer itself, without a copy; in one piece it is not even
 * sliced, so the driver moves its position. Otherwise the pieces that touch the padding go through
 * a buffer of their own: {@code |head| caller's bytes |tail|}.
 *
 * <p>For one request and its thread.
 */
final class PaddedBuffer {
  private static final byte[] ZEROES = new byte[4096];

  private final ByteBuffer user;
  private final long userOffset;
  private final EdgeBlocks edges;

  private PaddedBuffer(ByteBuffer user, long userOffset, EdgeBlocks edges) {
    this.user = user;
    this.userOffset = userOffset;
    this.edges = edges;
  }

  /**
   * The request for {@code buffer.remaining()} bytes at {@code offset}, widened to multiples of
   * {@code align}.
   */
  static PaddedBuffer of(long offset, ByteBuffer buffer, int align) {
    return new PaddedBuffer(buffer, offset, EdgeBlocks.of(offset, buffer.remaining(), align));
  }

  /** Start of the padded request. */
  long offset() {
    return edges.start();
  }

  /** Length of the padded request. */
  long bytes() {
    return edges.end() - edges.start();
  }

  boolean isPadded() {
    return bytes() != user.remaining();
  }

  /** What the padding is taken from. */
  EdgeBlocks edges() {
    return edges;
  }

  /** A buffer to read a part of the padded request into; give it back with {@link #readDone}. */
  ByteBuffer readView(long partOffset, int partBytes) throws BlockIoException {
    if (isUser(partOffset, partBytes)) {
      return user;
    }
    return inside(partOffset, partBytes)
        ? user.slice(user.position() + (int) (partOffset - userOffset), partBytes)
        : Memory.heap(partBytes);
  }

  /** Takes what was read into {@link #readView}'s buffer. */
  @SuppressWarnings("ReferenceEquality") // the very buffer, not one with the same bytes
  void readDone(long partOffset, ByteBuffer part) {
    if (part == user) {
      return;
    }
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
    if (isUser(partOffset, partBytes)) {
      return user;
    }
    if (inside(partOffset, partBytes)) {
      return user.slice(user.position() + (int) (partOffset - userOffset), partBytes);
    }
    ByteBuffer part = Memory.heap(partBytes);
    long end = partOffset + partBytes;
    long userEnd = userOffset + user.remaining();
    if (partOffset < userOffset) {
      int count = (int) (Math.min(end, userOffset) - partOffset);
      part.put(0, edges.content(), (int) (partOffset - offset()), count);
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
      int fromEnd = (int) (edges.end() - tailStart);
      part.put(
          (int) (tailStart - partOffset),
          edges.content(),
          edges.content().capacity() - fromEnd,
          (int) (end - tailStart));
    }
    return part;
  }

  /** All bytes to write; ENOMEM if they do not fit into one buffer. */
  ByteBuffer whole() throws BlockIoException {
    if (bytes() > Integer.MAX_VALUE) {
      throw new BlockIoException(Errno.ENOMEM);
    }
    return writeView(offset(), (int) bytes());
  }

  private boolean isUser(long partOffset, int partBytes) {
    return partOffset == userOffset && partBytes == user.remaining();
  }

  private boolean inside(long partOffset, long partBytes) {
    return partOffset >= userOffset && partOffset + partBytes <= userOffset + user.remaining();
  }
}
