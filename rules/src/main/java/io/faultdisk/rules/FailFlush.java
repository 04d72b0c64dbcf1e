package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.Locale;

/**
 * One {@code [fail-flush]} section: a matching flush goes wrong in one of the ways of real disks
 * and kernels.
 *
 * @param match when it applies
 * @param mode how
 * @param errno what the caller is told; without meaning in {@link Mode#LIE}
 */
public record FailFlush(RuleMatch match, Mode mode, Errno errno) implements RequestRule {

  /** How a flush goes wrong. */
  public enum Mode {
    /**
     * The caller gets the error, and what was to be flushed is dropped: it can still be read, but
     * counts as clean, so that no later flush will make it durable. What Linux does ("fsyncgate").
     */
    DROP,
    /** The caller gets the error, and what was to be flushed stays: the next flush may succeed. */
    KEEP,
    /** The caller is told that all is well, and nothing is durable. What some disks do. */
    LIE;

    /** The value in a rule file. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
      return wireName();
    }
  }

  /** Checks the types. */
  public FailFlush {
    match = match.of(Kind.FAIL_FLUSH);
  }

  @Override
  public Kind kind() {
    return Kind.FAIL_FLUSH;
  }
}
