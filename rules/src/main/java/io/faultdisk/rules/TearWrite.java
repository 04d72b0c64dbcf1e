package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * One {@code [tear-write]} section: only some of the sectors of a matching write reach the medium.
 *
 * <p>Sectors have 512 bytes and begin at multiples of 512; a write that begins or ends inside one
 * touches it.
 *
 * @param match when it applies
 * @param sectors how many of the touched sectors get the new data; empty is half of them, rounded
 *     down. All of them if the write has fewer. Never negative
 * @param part which
 * @param then what happens after that
 * @param errno what the caller is told with {@link Then#ERROR}
 */
public record TearWrite(RuleMatch match, OptionalLong sectors, Part part, Then then, Errno errno)
    implements RequestRule {

  /** Which sectors of the write get the new data. */
  public enum Part {
    /** Those at its beginning. */
    FIRST,
    /** Those at its end. */
    LAST,
    /**
     * Any, by the filter's seed and how many requests the rule has decided before; not necessarily
     * side by side.
     */
    RANDOM;

    /** The value in a rule file. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
      return wireName();
    }
  }

  /** What happens after a write was torn. */
  public enum Then {
    /** The caller is told that all is well. */
    SUCCESS,
    /** The caller gets the error. */
    ERROR,
    /**
     * The power goes: of what was written since the last flush, only the sectors of this write that
     * reached the medium are there.
     */
    POWER_CUT;

    /** The value in a rule file. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
      return wireName();
    }
  }

  /** Checks the numbers. */
  public TearWrite {
    match = match.of(Kind.TEAR_WRITE);
    if (sectors.isPresent() && sectors.getAsLong() < 0) {
      throw new IllegalArgumentException(sectors.getAsLong() + " sectors");
    }
    if (errno.number() <= 0) {
      throw new IllegalArgumentException("errno " + errno.number() + " is no error");
    }
  }

  /** See {@link Decision.Tear#writes}. */
  List<RuleFilter.ByteRange> reaching(long offset, long bytes, Seed seed) {
    if (bytes == 0) {
      return List.of();
    }
    long begin = offset / InjectError.SECTOR_BYTES;
    long touched = (offset + bytes - 1) / InjectError.SECTOR_BYTES - begin + 1;
    long count = Math.min(touched, sectors.orElse(touched / 2));
    if (count == 0) {
      return List.of();
    }
    return switch (part) {
      case FIRST -> List.of(piece(offset, bytes, begin, begin + count));
      case LAST -> List.of(piece(offset, bytes, begin + touched - count, begin + touched));
      case RANDOM -> {
        // A request has far fewer sectors than an int can count.
        BitSet chosen =
            Corrupt.choose(
                (int) Math.min(count, Integer.MAX_VALUE - 1),
                (int) Math.min(touched, Integer.MAX_VALUE - 1),
                seed.random());
        List<RuleFilter.ByteRange> pieces = new ArrayList<>();
        for (int from = chosen.nextSetBit(0); from >= 0; ) {
          int to = chosen.nextClearBit(from);
          pieces.add(piece(offset, bytes, begin + from, begin + to));
          from = chosen.nextSetBit(to);
        }
        yield pieces;
      }
    };
  }

  /** What a write has in the sectors from one to before another. */
  private static RuleFilter.ByteRange piece(long offset, long bytes, long from, long to) {
    long first = Math.max(offset, from * InjectError.SECTOR_BYTES);
    // Of the last sector of 63 bits the end is beyond them.
    long end = offset + bytes;
    if (to <= (end - 1) / InjectError.SECTOR_BYTES) {
      end = to * InjectError.SECTOR_BYTES;
    }
    return new RuleFilter.ByteRange(first, end - first);
  }

  @Override
  public Kind kind() {
    return Kind.TEAR_WRITE;
  }
}
