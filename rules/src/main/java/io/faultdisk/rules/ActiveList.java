package io.faultdisk.rules;

import org.jspecify.annotations.Nullable;

/**
 * The rules that apply to requests now: those that the last arming event has for any state, and
 * those it has for the state it found. In definition order across both. Prepared when the engine is
 * built.
 *
 * <p>Safe from any thread, as {@link RuleGroup#first} is.
 *
 * <p>Compared by identity: each is made once, and arming one is writing a reference to it.
 */
final class ActiveList {
  /** What an engine starts with: nothing to look at. */
  static final ActiveList NONE = new ActiveList(new RuleState[0], RuleGroup.EMPTY, RuleGroup.EMPTY);

  /**
   * The rules of the engine by the order they had when this was prepared. So that what {@link
   * #first} says can be looked up without lock, whatever rules have come or gone meanwhile.
   */
  private final RuleState[] rules;

  /** The event's rules without a state. */
  private final RuleGroup anyState;

  /** The event's rules for the state it found. */
  private final RuleGroup ownState;

  ActiveList(RuleState[] rules, RuleGroup anyState, RuleGroup ownState) {
    this.rules = rules;
    this.anyState = anyState;
    this.ownState = ownState;
  }

  /** The lowest order of a rule that matches the request, or {@link RequestIndex#NONE}. */
  int first(RequestType type, long offset, long bytes) {
    int any = anyState.first(type, offset, bytes);
    return ownState == RuleGroup.EMPTY ? any : Math.min(any, ownState.first(type, offset, bytes));
  }

  /** The rule that {@link #first} has found. */
  RuleState get(int order) {
    return rules[order];
  }

  /** Deletes one of its rules for good. Under the engine's lock, while the list is in use. */
  void consume(RuleState rule) {
    rule.group().consume(rule, rules);
  }

  /** See {@link RuleGroup#hasCounted}. */
  boolean hasCounted() {
    return anyState.hasCounted() || ownState.hasCounted();
  }

  /** See {@link RuleGroup#count}. */
  @Nullable RuleState count(
      @Nullable RuleState best,
      @Nullable RequestType type,
      @Nullable Target target,
      long offset,
      long bytes) {
    RuleState chosen = anyState.count(best, type, target, offset, bytes);
    return ownState.count(chosen, type, target, offset, bytes);
  }

  boolean contains(RuleGroup group) {
    return anyState == group || ownState == group;
  }

  /** Whether arming it would arm anything. */
  boolean hasLive() {
    return anyState.hasLive() || ownState.hasLive();
  }

  void armed() {
    anyState.armed();
    ownState.armed();
  }
}
