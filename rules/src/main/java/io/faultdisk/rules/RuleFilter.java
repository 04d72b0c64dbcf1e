package io.faultdisk.rules;

import io.faultdisk.base.Seed;
import java.util.Optional;

/**
 * What a rule asks for beyond what QEMU's can: which file, which bytes, which of many matches, with
 * what chance. Immutable.
 *
 * <p>Everything that matches counts, whether or not another rule decides it. Of the matches, those
 * from {@link #occurrence} on have a {@link #chance}, until the rule has fired {@link #times}
 * times.
 *
 * @param path the target's path; empty is any
 * @param range a matching request touches it; empty is any request
 * @param occurrence the first match that counts, from 1
 * @param times how often the rule fires at most; {@link Long#MAX_VALUE} is without limit
 * @param chance of each match, in percent: more than 0, at most 100
 * @param seed of the chance
 */
public record RuleFilter(
    Optional<PathGlob> path,
    Optional<ByteRange> range,
    long occurrence,
    long times,
    double chance,
    Seed seed) {

  /** Asks for nothing. */
  public static final RuleFilter NONE =
      new RuleFilter(Optional.empty(), Optional.empty(), 1, Long.MAX_VALUE, 100, new Seed(0));

  /**
   * Bytes of a file or disk.
   *
   * @param offset the first
   * @param bytes how many, at least 1; offset + bytes does not overflow
   */
  public record ByteRange(long offset, long bytes) {
    /** Checks the numbers. */
    public ByteRange {
      if (offset < 0 || bytes < 1 || offset > Long.MAX_VALUE - bytes) {
        throw new IllegalArgumentException(bytes + " bytes at " + offset + " are not a range");
      }
    }

    /** Whether a request has a byte in it. */
    boolean touches(long otherOffset, long otherBytes) {
      return otherBytes > 0
          && otherOffset < offset + bytes
          && (otherBytes > Long.MAX_VALUE - otherOffset || offset < otherOffset + otherBytes);
    }

    /** All sectors of 512 bytes that it has a byte of. */
    ByteRange inSectors() {
      long from = offset - offset % InjectError.SECTOR_BYTES;
      long beyond = (offset + bytes) % InjectError.SECTOR_BYTES;
      long more = beyond == 0 ? 0 : InjectError.SECTOR_BYTES - beyond;
      long end = offset + bytes > Long.MAX_VALUE - more ? Long.MAX_VALUE : offset + bytes + more;
      return new ByteRange(from, end - from);
    }

    /** The bytes that it shares with a request that touches it. */
    ByteRange common(long otherOffset, long otherBytes) {
      long from = Math.max(offset, otherOffset);
      long end = Math.min(offset + bytes, otherOffset + otherBytes);
      return new ByteRange(from, end - from);
    }
  }

  /** Checks the numbers. */
  public RuleFilter {
    if (occurrence < 1 || times < 1) {
      throw new IllegalArgumentException("occurrence and times count from 1");
    }
    if (!(chance > 0 && chance <= 100)) {
      throw new IllegalArgumentException("a chance of " + chance + " percent");
    }
  }

  /** Whether it asks for nothing. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** The same for targets that the glob matches. */
  public RuleFilter withPath(PathGlob glob) {
    return new RuleFilter(Optional.of(glob), range, occurrence, times, chance, seed);
  }

  /** The same for requests that touch a range of bytes. */
  public RuleFilter withRange(long offset, long bytes) {
    return new RuleFilter(
        path, Optional.of(new ByteRange(offset, bytes)), occurrence, times, chance, seed);
  }

  /** The same from the n-th match on. */
  public RuleFilter withOccurrence(long newOccurrence) {
    return new RuleFilter(path, range, newOccurrence, times, chance, seed);
  }

  /** The same, firing so often at most. */
  public RuleFilter withTimes(long newTimes) {
    return new RuleFilter(path, range, occurrence, newTimes, chance, seed);
  }

  /** The same with a chance. */
  public RuleFilter withChance(double percent, Seed newSeed) {
    return new RuleFilter(path, range, occurrence, times, percent, newSeed);
  }
}
