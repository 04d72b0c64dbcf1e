package io.faultdisk.rules;

/**
 * The rules that apply to requests now: those that the last arming event has for any state, and those it has for the
 * state it found. In definition order across both. Prepared when the engine is built.
 *
 * <p>Safe from any thread, as {@link RuleGroup#first} is.
 *
 * @param anyState the event's rules without a state
 * @param ownState the event's rules for the state
 */
record ActiveList(RuleGroup anyState, RuleGroup ownState) {
  /** What an engine starts with. Compared by identity: it means that there is nothing to look at. */
  static final ActiveList NONE = new ActiveList(RuleGroup.EMPTY, RuleGroup.EMPTY);

  /** The lowest order of a rule that matches the request, or {@link RequestIndex#NONE}. */
  int first(RequestType type, long offset, long bytes) {
    int any = anyState.first(type, offset, bytes);
    return ownState == RuleGroup.EMPTY ? any : Math.min(any, ownState.first(type, offset, bytes));
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
