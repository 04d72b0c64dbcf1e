package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The inject-error rules of one event that ask for one state (or for any). They are armed and
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

  /** Rules not consumed. */
  private int live;

  private long timesArmed;

  /** A group of these rules, given in definition order. */
  RuleGroup(List<RuleState> rules) {
    Map<List<RuleState>, RequestIndex> indexes = new HashMap<>();
    for (RequestType type : TYPES) {
      List<RuleState> ofType = new ArrayList<>();
      for (RuleState rule : rules) {
        if (rule.rule.types().contains(type)) {
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
    this.live = rules.size();
    for (RuleState rule : rules) {
      rule.joined(this);
    }
  }

  /** The lowest order of a rule that matches the request, or {@link RequestIndex#NONE}. */
  int first(RequestType type, long offset, long bytes) {
    return byType[type.ordinal()].first(offset, bytes);
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

  /** Deletes a rule for good. */
  void consume(RuleState rule, RuleState[] all) {
    rule.consume(timesArmed);
    live--;
    for (RequestIndex index : distinct) {
      index.remove(rule, all);
    }
  }
}
