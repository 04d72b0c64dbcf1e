package io.faultdisk.rules;

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

  @Override
  public Kind kind() {
    return Kind.CORRUPT;
  }
}
