package io.faultdisk.rules;

import java.util.OptionalLong;

/**
 * One {@code [misdirect-write]} section: the data of a matching write lands at another place. What
 * was there is lost, and where the write should have gone all stays as it was.
 *
 * @param match when it applies
 * @param to the sector of 512 bytes where the write lands, not negative; empty if {@code by} says
 *     where
 * @param by how many sectors further on it lands, or before if negative; empty if {@code to} says
 *     where
 */
public record MisdirectWrite(RuleMatch match, OptionalLong to, OptionalLong by)
    implements RequestRule {

  /** Checks that there is one target. */
  public MisdirectWrite {
    match = match.of(Kind.MISDIRECT_WRITE);
    if (to.isPresent() == by.isPresent()) {
      throw new IllegalArgumentException("a write is misdirected either to a sector or by some");
    }
    if (to.isPresent() && !isSector(to.getAsLong())) {
      throw new IllegalArgumentException("sector " + to.getAsLong());
    }
    if (by.isPresent() && !isSector(Math.abs(by.getAsLong()))) {
      throw new IllegalArgumentException(by.getAsLong() + " sectors further on");
    }
  }

  /** Whether its first byte has an offset. */
  static boolean isSector(long sector) {
    return sector >= 0 && sector <= Long.MAX_VALUE / InjectError.SECTOR_BYTES;
  }

  /**
   * Where a write lands that should have gone to an offset: inside a sector it keeps its place.
   *
   * @return the offset in bytes; negative if that is before the beginning, and larger than any disk
   *     if it is too large for 63 bits
   */
  public long landsAt(long offset) {
    if (to.isPresent()) {
      long start = to.getAsLong() * InjectError.SECTOR_BYTES;
      return saturatedSum(start, offset % InjectError.SECTOR_BYTES);
    }
    return saturatedSum(offset, by.getAsLong() * InjectError.SECTOR_BYTES);
  }

  /** One of the two is not negative, so there is no overflow but upwards. */
  private static long saturatedSum(long one, long other) {
    long sum = one + other;
    return one > 0 && other > 0 && sum < 0 ? Long.MAX_VALUE : sum;
  }

  @Override
  public Kind kind() {
    return Kind.MISDIRECT_WRITE;
  }
}
