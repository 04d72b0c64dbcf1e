package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules about requests of one event that ask for one state (or for any). They are armed and
 * disarmed together, so arming any number of rules is one write.
 *
 * <p>Thread rule: {@link #first} is for all, the rest is guarded by the engine's lock.
 */
@SuppressWarnings("EnumOrdinal") // an array lookup on the path of every request
final class RuleGroup {
  private static final RequestType[] TYPES = RequestType.values();

  /** No rules; never armed. Comes after the constants that making it needs. */
  static final RuleGroup EMPTY = new RuleGroup(List.of());

  /** By {@link RequestType#ordinal()}; types with the same rules share one index. */
  private final RequestIndex[] byType = new RequestIndex[TYPES.length];

  private final List<RequestIndex> distinct;

  /** Rules that are looked at one by one, in definition order. */
  private final RuleState[] counted;

  /** Rules not consumed. */
  private int live;

  private long timesArmed;

  /** A group of these rules, given in definition order. */
  RuleGroup(List<RuleState> rules) {
    Map<List<RuleState>, RequestIndex> indexes = new HashMap<>();
    for (RequestType type : TYPES) {
      List<RuleState> ofType = new ArrayList<>();
      for (RuleState rule : rules) {
        if (rule.counter == null && rule.rule.types().contains(type)) {
          ofType.add(rule);
        }
      }
      RequestIndex index = indexes.get(ofType);
      if (index == null) {
        index = RequestIndex.of(ofType);
        indexes.put(ofType, index);
      }
      byType[type.ordinal()] = index;
    }
    this.distinct = List.copyOf(indexes.values());
    this.counted = rules.stream().filter(rule -> rule.counter != null).toArray(RuleState[]::new);
    this.live = rules.size();
    for (RuleState rule : rules) {
      rule.joined(this);
    }
  }

  /** The lowest order of a rule that matches the request, or {@link RequestIndex#NONE}. */
  int first(RequestType type, long offset, long bytes) {
    return byType[type.ordinal()].first(offset, bytes);
  }

  /** Whether there are rules that {@link #first} does not know. */
  boolean hasCounted() {
    return counted.length > 0;
  }

  /**
   * Counts the matches of the rules that {@link #first} does not know. Under the engine's lock.
   *
   * @param best the best rule so far
   * @return the one with the lowest order of it and of those that fire
   */
  @Nullable RuleState count(
      @Nullable RuleState best,
      @Nullable RequestType type,
      @Nullable Target target,
      long offset,
      long bytes) {
    RuleState chosen = best;
    for (RuleState rule : counted) {
      MatchCounter counter = rule.counter;
      if (counter != null
          && !rule.consumed()
          && rule.fits(type, target, offset, bytes)
          && counter.count()
          && (chosen == null || rule.order < chosen.order)) {
        chosen = rule;
      }
    }
    return chosen;
  }

  /** Whether the event still has rules for the state; without, it leaves the active list alone. */
  boolean hasLive() {
    return live > 0;
  }

  void armed() {
    // The shared empty group must stay as it is, and nobody asks for the count of a group that is
    // used up.
    if (live > 0) {
      timesArmed++;
    }
  }

  long timesArmed() {
    return timesArmed;
  }

  /**
   * Deletes a rule for good.
   *
   * @param all the engine's rules by order
   */
  void consume(RuleState rule, RuleState[] all) {
    rule.consume();
    live--;
    if (rule.counter == null) {
      for (RequestIndex index : distinct) {
        index.remove(rule, all);
      }
    }
  }
}
