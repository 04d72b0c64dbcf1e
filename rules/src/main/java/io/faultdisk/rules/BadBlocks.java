package io.faultdisk.rules;

import io.faultdisk.base.Errno;

/**
 * One {@code [bad-blocks]} section: reads that touch the sectors in the filter's range fail until
 * the sectors were written again. A write heals every sector of 512 bytes that it touches, if it is
 * done; so does writing zeroes, but not a discard.
 *
 * <p>The blocks are bad from the first time the rule is armed. Writes heal them from then on, even
 * while it is not.
 *
 * @param match when it applies; has a range
 * @param errno what a read fails with
 */
public record BadBlocks(RuleMatch match, Errno errno) implements RequestRule {
  /** Checks that there is a range. */
  public BadBlocks {
    match = match.of(Kind.BAD_BLOCKS);
    if (match.filter().range().isEmpty()) {
      throw new IllegalArgumentException("a bad-blocks rule without a range");
    }
    if (errno.number() <= 0) {
      throw new IllegalArgumentException("errno " + errno.number() + " is no error");
    }
  }

  @Override
  public Kind kind() {
    return Kind.BAD_BLOCKS;
  }
}
