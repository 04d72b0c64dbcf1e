package io.faultdisk.nio;

import io.faultdisk.base.Seed;
import java.util.Objects;

/**
 * How the power goes: which of the changes that were not durable yet are there afterwards.
 *
 * <p>What a disk and a kernel do with changes in their caches is not known, so that a program must
 * be right whatever happens to them. {@link #dropAll} and {@link #keepAll} are the extremes; {@link
 * #subset} is what can happen in between when a cache writes whole pages, {@link #torn} when the
 * disk's blocks are smaller than those, and {@link #prefix} is a disk that keeps the order of all
 * changes, whose states can be counted through one by one.
 *
 * <p>Immutable; safe from any thread. The same cut of the same history leaves the same state, and
 * {@link #toString()} is Java code for it.
 */
public final class PowerCut {
  enum Kind {
    DROP_ALL,
    KEEP_ALL,
    SUBSET,
    TORN,
    PREFIX
  }

  private final Kind kind;

  /** The seed, or the number of operations. */
  private final long number;

  private final int blockBytes;

  private PowerCut(Kind kind, long number, int blockBytes) {
    this.kind = kind;
    this.number = number;
    this.blockBytes = blockBytes;
  }

  /** Only what was promised is there. */
  public static PowerCut dropAll() {
    return new PowerCut(Kind.DROP_ALL, 0, Pages.PAGE_BYTES);
  }

  /** Everything is there, but for what failed flushes have dropped. */
  public static PowerCut keepAll() {
    return new PowerCut(Kind.KEEP_ALL, 0, Pages.PAGE_BYTES);
  }

  /**
   * Some is there: each directory change or not, each page of 4096 bytes of a file in one of the
   * versions that it had since it was durable, the size of the file likewise. A page is never a
   * mixture that no reader could have seen. Bytes that were never written read as zeros.
   */
  public static PowerCut subset(Seed seed) {
    return new PowerCut(Kind.SUBSET, seed.value(), Pages.PAGE_BYTES);
  }

  /** {@link #subset(Seed)} with any number as the seed. */
  public static PowerCut subset(long seed) {
    return subset(new Seed(seed));
  }

  /**
   * As {@link #subset(Seed)}, with a block smaller than a page, so that a single write is torn.
   *
   * @param blockBytes a power of two from 1 to 4096; 512 for most disks
   */
  public static PowerCut torn(Seed seed, int blockBytes) {
    if (blockBytes < 1 || blockBytes > Pages.PAGE_BYTES || Integer.bitCount(blockBytes) != 1) {
      throw new IllegalArgumentException(
          "blockBytes (" + blockBytes + ") must be a power of two from 1 to " + Pages.PAGE_BYTES);
    }
    return new PowerCut(Kind.TORN, seed.value(), blockBytes);
  }

  /** {@link #torn(Seed, int)} with any number as the seed. */
  public static PowerCut torn(long seed, int blockBytes) {
    return torn(new Seed(seed), blockBytes);
  }

  /**
   * The first of the pending operations are there, in the order in which they were done, over all
   * files and directories.
   *
   * @param operations how many, at least 0; if there are fewer, all are there
   */
  public static PowerCut prefix(long operations) {
    if (operations < 0) {
      throw new IllegalArgumentException("operations (" + operations + ") must not be negative");
    }
    return new PowerCut(Kind.PREFIX, operations, Pages.PAGE_BYTES);
  }

  Kind kind() {
    return kind;
  }

  Seed seed() {
    return new Seed(number);
  }

  long operations() {
    return number;
  }

  /** What is written as a whole or not at all, in bytes. */
  int blockBytes() {
    return blockBytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PowerCut cut
        && kind == cut.kind
        && number == cut.number
        && blockBytes == cut.blockBytes;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, number, blockBytes);
  }

  /** Java code that makes it. */
  @Override
  public String toString() {
    String seed = "0x" + Long.toHexString(number) + "L";
    return "PowerCut."
        + switch (kind) {
          case DROP_ALL -> "dropAll()";
          case KEEP_ALL -> "keepAll()";
          case SUBSET -> "subset(" + seed + ")";
          case TORN -> "torn(" + seed + ", " + blockBytes + ")";
          case PREFIX -> "prefix(" + number + ")";
        };
  }
}
