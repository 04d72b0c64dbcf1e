package io.faultdisk.nio;

import java.util.Arrays;

/**
 * One change of a file's content that is not durable yet. Release 17 has no pattern {@code switch};
 * there are two, so {@code instanceof} does.
 */
sealed interface DataChange {
  /** When it happened, among all changes of the file system. */
  long order();

  /** The size of the file after it, which had one before. */
  long sizeAfter(long sizeBefore);

  /** Bytes were written. */
  final class Write implements DataChange {
    private final long order;
    private final long offset;
    private final byte[] bytes;

    /**
     * A write.
     *
     * @param bytes not to be changed afterwards
     */
    Write(long order, long offset, byte[] bytes) {
      this.order = order;
      this.offset = offset;
      this.bytes = bytes;
    }

    @Override
    public long order() {
      return order;
    }

    long offset() {
      return offset;
    }

    /** Not to be changed. */
    byte[] bytes() {
      return bytes;
    }

    /** What is left of it if the file was cut afterwards. */
    Write cut(long size) {
      int left = (int) Math.max(0, Math.min(bytes.length, size - offset));
      return left == bytes.length ? this : new Write(order, offset, Arrays.copyOf(bytes, left));
    }

    long end() {
      return offset + bytes.length;
    }

    @Override
    public long sizeAfter(long sizeBefore) {
      return Math.max(sizeBefore, end());
    }
  }

  /** The size was set; what is beyond became zeros. */
  record Resize(long order, long size) implements DataChange {
    @Override
    public long sizeAfter(long sizeBefore) {
      return size;
    }
  }
}
