package io.faultdisk.fuzz;

import java.util.Arrays;

/** Decisions that are taken from an input, first byte first; zeroes once it is used up. */
final class Bytes {
  private final byte[] input;
  private int at;

  Bytes(byte[] input) {
    this.input = input;
  }

  boolean isEmpty() {
    return at >= input.length;
  }

  int number8() {
    return isEmpty() ? 0 : input[at++] & 0xff;
  }

  int number16() {
    return number8() << 8 | number8();
  }

  int number32() {
    return number16() << 16 | number16();
  }

  long number64() {
    return (long) number32() << 32 | (number32() & 0xffff_ffffL);
  }

  /** The next bytes, with zeroes for those that are missing. */
  byte[] take(int count) {
    byte[] taken = new byte[count];
    int there = Math.min(count, input.length - at);
    System.arraycopy(input, at, taken, 0, there);
    at += there;
    return taken;
  }

  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(input, at, input.length);
    at = input.length;
    return rest;
  }
}
