package io.faultdisk.block;

/**
 * What a node wants requests to look like; the request path cuts and pads them accordingly. All in
 * bytes, 0 = no limit.
 *
 * @param requestAlignment requests reach the driver as multiples of this (a power of two, at least
 *     1)
 * @param maxTransfer longest read or write
 * @param writeZeroesAlignment preferred alignment of write-zeroes; shorter pieces may be refused by
 *     the driver
 * @param maxWriteZeroes longest write-zeroes
 * @param discardAlignment preferred alignment of discards
 * @param maxDiscard longest discard
 */
public record BlockLimits(
    int requestAlignment,
    int maxTransfer,
    int writeZeroesAlignment,
    long maxWriteZeroes,
    int discardAlignment,
    long maxDiscard) {

  /** Byte granularity, nothing limited. */
  public static final BlockLimits BYTES = new BlockLimits(1, 0, 0, 0, 0, 0);

  /** The largest alignment that any node may ask for. */
  public static final int ALIGNMENT_MAX = 1 << 30;

  public BlockLimits {
    if (Integer.bitCount(requestAlignment) != 1) {
      throw new IllegalArgumentException(
          "request alignment (" + requestAlignment + ") must be a power of two");
    }
    if (maxTransfer < 0
        || writeZeroesAlignment < 0
        || maxWriteZeroes < 0
        || discardAlignment < 0
        || maxDiscard < 0) {
      throw new IllegalArgumentException("block limits must not be negative");
    }
  }

  /**
   * What a parent starts from: its child's transfer limit and discard alignment. The child keeps
   * the rest to itself, since the generic path of the child node applies it.
   */
  public BlockLimits inherited() {
    return new BlockLimits(1, maxTransfer, 0, 0, discardAlignment, 0);
  }

  /** Both at once: the stricter transfer limit, the larger discard alignment. */
  BlockLimits and(BlockLimits other) {
    int transfer =
        maxTransfer == 0
            ? other.maxTransfer
            : other.maxTransfer == 0 ? maxTransfer : Math.min(maxTransfer, other.maxTransfer);
    return new BlockLimits(
        Math.max(requestAlignment, other.requestAlignment),
        transfer,
        0,
        0,
        Math.max(discardAlignment, other.discardAlignment),
        0);
  }

  /** The same with another request alignment. */
  public BlockLimits withRequestAlignment(int alignment) {
    return new BlockLimits(
        alignment, maxTransfer, writeZeroesAlignment, maxWriteZeroes, discardAlignment, maxDiscard);
  }

  /**
   * Longest single read or write that a driver is handed: a multiple of the alignment, and at least
   * that. A limit below the alignment is left to the nodes further down.
   */
  int transferMax() {
    int limit = maxTransfer == 0 ? Integer.MAX_VALUE : maxTransfer;
    return Math.max(limit & -requestAlignment, requestAlignment);
  }

  /** Longest single write-zeroes: a multiple of {@link #zeroGranularity}, and at least that. */
  long zeroMax() {
    return wholeUnits(maxWriteZeroes, zeroGranularity());
  }

  /** Longest single discard: a multiple of {@link #discardGranularity}, and at least that. */
  long discardMax() {
    return wholeUnits(maxDiscard, discardGranularity());
  }

  private static long wholeUnits(long max, int unit) {
    long limit = max == 0 ? Long.MAX_VALUE : max;
    return Math.max(limit - limit % unit, unit);
  }

  int zeroGranularity() {
    return Math.max(writeZeroesAlignment, requestAlignment);
  }

  int discardGranularity() {
    return Math.max(discardAlignment, requestAlignment);
  }
}
