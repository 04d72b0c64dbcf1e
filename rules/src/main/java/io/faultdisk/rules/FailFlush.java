package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One {@code [fail-flush]} section: a matching flush goes wrong in one of the ways of real disks
 * and kernels. For files only, so far.
 *
 * @param event as in {@link InjectError}
 * @param state as in {@link InjectError}
 * @param mode how
 * @param errno what the caller is told; without meaning in {@link Mode#LIE}
 * @param once as in {@link InjectError}
 * @param filter what else must hold
 * @param source where the rule came from
 */
public record FailFlush(
    Event event, int state, Mode mode, Errno errno, boolean once, RuleFilter filter, Source source)
    implements RequestRule {

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

  @Override
  public Set<RequestType> types() {
    return Set.of(RequestType.FLUSH);
  }

  @Override
  public OptionalLong sector() {
    return OptionalLong.empty();
  }

  @Override
  public Kind kind() {
    return Kind.FAIL_FLUSH;
  }
}
