package io.faultdisk.rules;

import io.faultdisk.base.Seed;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * One {@code [inject-corruption]} section: a matching read or write succeeds, but bits of it are
 * flipped. Those of a read are flipped on the way to the caller only, those of a write reach the
 * medium.
 *
 * <p>Which bits is a matter of the filter's seed, the request's offset and how many requests the
 * rule has decided before: the same run gives the same bits.
 *
 * @param match when it applies; reads and writes by default
 * @param bits how many bits are flipped, in the part of the request that is inside the filter's
 *     range; all of them if the part has fewer. At least 1
 */
public record Corrupt(RuleMatch match, int bits) implements RequestRule {
  /** Checks the number. */
  public Corrupt {
    match = match.of(Kind.CORRUPT);
    if (bits < 1) {
      throw new IllegalArgumentException(bits + " bits to flip");
    }
  }

  /** See {@link Decision.Corrupt#flip}. */
  void flip(long offset, ByteBuffer data, Seed seed) {
    RuleFilter.ByteRange part = new RuleFilter.ByteRange(0, Long.MAX_VALUE);
    if (match.filter().range().isPresent()) {
      part = match.filter().range().get();
    }
    if (!part.touches(offset, data.remaining())) {
      return;
    }
    RuleFilter.ByteRange inside = part.common(offset, data.remaining());
    int first = data.position() + (int) (inside.offset() - offset);
    // An int counts the bits of 256 MiB; in a longer part all bits that are flipped are before
    // that.
    int all = (int) Math.min(Integer.MAX_VALUE, inside.bytes() * Byte.SIZE);
    BitSet chosen = choose(Math.min(bits, all), all, seed.fork("offset " + offset).random());
    for (int bit = chosen.nextSetBit(0); bit >= 0; bit = next(chosen, bit)) {
      int at = first + bit / Byte.SIZE;
      data.put(at, (byte) (data.get(at) ^ 1 << bit % Byte.SIZE));
    }
  }

  private static int next(BitSet set, int bit) {
    return bit == Integer.MAX_VALUE ? -1 : set.nextSetBit(bit + 1);
  }

  /** So many different numbers below a bound, each set with the same chance (Floyd's way). */
  static BitSet choose(int count, int bound, RandomGenerator random) {
    BitSet chosen = new BitSet();
    for (int last = bound - count; last < bound; last++) {
      int number = random.nextInt(last + 1);
      chosen.set(chosen.get(number) ? last : number);
    }
    return chosen;
  }

  @Override
  public Kind kind() {
    return Kind.CORRUPT;
  }
}
