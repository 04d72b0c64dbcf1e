package io.faultdisk.block.qcow2.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Writes bits to a buffer, lowest first, as deflate wants them. What does not fit is dropped. */
final class BitWriter {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

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
    if (count >= Integer.SIZE) {
      if (used <= target.length - Integer.BYTES) {
        INT.set(target, used, (int) bits);
        used += Integer.BYTES;
      } else {
        for (int i = 0; i < Integer.SIZE; i += Byte.SIZE) {
          putByte((int) (bits >>> i));
        }
      }
      bits >>>= Integer.SIZE;
      count -= Integer.SIZE;
    }
  }

  /** Fills the last byte with zero bits: whole bytes only, and all of them in the target. */
  void align() {
    for (; count > 0; count -= Byte.SIZE) {
      putByte((int) bits);
      bits >>>= Byte.SIZE;
    }
    count = 0;
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

  /** Bytes so far that are complete, also those that did not fit. */
  int bytes() {
    return used + count / Byte.SIZE;
  }

  /** Whether everything fitted with at least one byte left. */
  boolean fits() {
    return bytes() < target.length;
  }
}
