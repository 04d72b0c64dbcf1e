package io.faultdisk.nbd.bench;

/**
 * The requests of a connection that wait for their replies. A request's cookie is the number of its
 * slot. For one thread; allocates nothing after it was made.
 */
final class Flight {
  private static final byte FREE = 0;
  private static final byte READ = 1;
  private static final byte WRITE = 2;

  private final byte[] kind;
  private final long[] sentNanos;

  /** How much data is still to come. */
  private final int[] missing;

  private final int[] error;

  /** A stack of the slots that are free. */
  private final int[] free;

  private int freeCount;

  Flight(int depth) {
    kind = new byte[depth];
    sentNanos = new long[depth];
    missing = new int[depth];
    error = new int[depth];
    free = new int[depth];
    freeCount = depth;
    for (int i = 0; i < depth; i++) {
      free[i] = depth - 1 - i;
    }
  }

  /** How many there are. */
  int count() {
    return free.length - freeCount;
  }

  boolean hasRoom() {
    return freeCount > 0;
  }

  /**
   * Adds a request; returns its cookie.
   *
   * @param data how many bytes must come with the reply
   */
  int add(boolean read, int data, long nowNanos) {
    int slot = free[--freeCount];
    kind[slot] = read ? READ : WRITE;
    sentNanos[slot] = nowNanos;
    missing[slot] = read ? data : 0;
    error[slot] = 0;
    return slot;
  }

  /** Whether a request with this cookie waits. */
  boolean has(long cookie) {
    return cookie >= 0 && cookie < kind.length && kind[(int) cookie] != FREE;
  }

  void remove(int slot) {
    kind[slot] = FREE;
    free[freeCount++] = slot;
  }

  boolean isRead(int slot) {
    return kind[slot] == READ;
  }

  long sentNanos(int slot) {
    return sentNanos[slot];
  }

  int missing(int slot) {
    return missing[slot];
  }

  /** Data has come, or the server says that it is zeroes. */
  void arrived(int slot, long bytes) {
    missing[slot] = (int) Math.max(-1, missing[slot] - bytes);
  }

  void fail(int slot, int errorNumber) {
    error[slot] = errorNumber;
  }

  int error(int slot) {
    return error[slot];
  }
}
