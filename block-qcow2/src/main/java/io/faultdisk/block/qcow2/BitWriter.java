package io.faultdisk.block.qcow2;

/** Writes bits to a buffer, lowest first, as deflate wants them. What does not fit is dropped. */
final class BitWriter {
  private final byte[] target;
  private int used;
  private long bits;
  private int count;

  BitWriter(byte[] target) {
    this.target = target;
  }

  /** Writes the lowest {@code length} (at most 16) bits of a value that has no others. */
  void put(int value, int length) {
    bits |= (long) value << count;
    count += length;
    while (count >= 8) {
      putByte((int) bits);
      bits >>>= 8;
      count -= 8;
    }
  }

  /** Fills the last byte with zero bits. */
  void align() {
    if (count > 0) {
      put(0, 8 - count);
    }
  }

  /** Copies whole bytes; the writer is at the start of one. */
  void put(byte[] source, int offset, int bytes) {
    int fitting = Math.clamp(target.length - used, 0, bytes);
    System.arraycopy(source, offset, target, Math.min(used, target.length - fitting), fitting);
    used += bytes;
  }

  private void putByte(int value) {
    if (used < target.length) {
      target[used] = (byte) value;
    }
    used++;
  }

  /** Bytes so far, also those that did not fit. */
  int bytes() {
    return used;
  }

  /** Whether everything fitted with at least one byte left. */
  boolean fits() {
    return used < target.length;
  }
}
