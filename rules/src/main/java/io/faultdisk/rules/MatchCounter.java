package io.faultdisk.rules;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, match for match, whether a rule's {@link RuleFilter} lets it fire. Guarded by the
 * engine's lock.
 */
final class MatchCounter {
  private final RuleFilter filter;
  private final @Nullable RandomGenerator random;
  private long matches;
  private long fired;

  MatchCounter(RuleFilter filter) {
    this.filter = filter;
    this.random = filter.chance() < 100 ? filter.seed().random() : null;
  }

  /** Whether the path is another's. */
  boolean isForOthersThan(Target target) {
    return filter.path().isPresent() && !target.matches(filter.path().get());
  }

  /** Looks at path and range only, and counts nothing. */
  boolean matches(@Nullable Target target, long offset, long bytes) {
    if (filter.path().isPresent() && (target == null || !target.matches(filter.path().get()))) {
      return false;
    }
    return filter.range().isEmpty() || filter.range().get().touches(offset, bytes);
  }

  /** One more match: says whether the rule may fire at it. */
  boolean count() {
    matches++;
    return matches >= filter.occurrence()
        && fired < filter.times()
        && (random == null || random.nextDouble() * 100 < filter.chance());
  }

  /** How often it has matched. */
  long matches() {
    return matches;
  }

  /** It did. */
  void fired() {
    fired++;
  }
}
