package io.faultdisk.block.qcow2;

import java.nio.ByteBuffer;

/**
 * Refcounts of 1 to 64 bits in a block or array: below 8 bits the first sits in the lowest bits of
 * a byte, from 16 bits on they are big-endian.
 */
final class RefcountFormat {
  private RefcountFormat() {}

  static long get(ByteBuffer block, int order, int index) {
    return switch (order) {
      case 0 -> (block.get(index >> 3) >> (index & 7)) & 1;
      case 1 -> (block.get(index >> 2) >> (2 * (index & 3))) & 3;
      case 2 -> (block.get(index >> 1) >> (4 * (index & 1))) & 15;
      case 3 -> block.get(index) & 0xff;
      case 4 -> block.getShort(index << 1) & 0xffff;
      case 5 -> block.getInt(index << 2) & 0xffffffffL;
      case 6 -> block.getLong(index << 3);
      default -> throw new IllegalArgumentException("refcount order " + order);
    };
  }

  static void set(ByteBuffer block, int order, int index, long value) {
    switch (order) {
      case 0 -> bits(block, index >> 3, index & 7, 1, value);
      case 1 -> bits(block, index >> 2, 2 * (index & 3), 3, value);
      case 2 -> bits(block, index >> 1, 4 * (index & 1), 15, value);
      case 3 -> block.put(index, (byte) value);
      case 4 -> block.putShort(index << 1, (short) value);
      case 5 -> block.putInt(index << 2, (int) value);
      case 6 -> block.putLong(index << 3, value);
      default -> throw new IllegalArgumentException("refcount order " + order);
    }
  }

  private static void bits(ByteBuffer block, int at, int shift, int mask, long value) {
    int kept = block.get(at) & ~(mask << shift);
    block.put(at, (byte) (kept | (int) (value & mask) << shift));
  }
}
