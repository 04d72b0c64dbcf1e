package io.faultdisk.rules;

import java.util.List;

/**
 * What a {@link FaultEngine} was at one moment. Immutable.
 *
 * @param state the current state; 1 at first
 * @param rules all rules about requests in definition order, then all set-state rules
 * @param breakpoints those not hit yet, oldest first
 * @param suspended requests that wait at a breakpoint, longest first
 */
public record Snapshot(
    int state,
    List<RuleStatus> rules,
    List<Breakpoint> breakpoints,
    List<SuspendedRequest> suspended) {

  /** Copies the lists. */
  public Snapshot {
    rules = List.copyOf(rules);
    breakpoints = List.copyOf(breakpoints);
    suspended = List.copyOf(suspended);
  }

  /**
   * One rule and what became of it.
   *
   * @param id tells it from all others that the engine has or ever had; from 1, in the order in
   *     which they were added
   * @param rule the rule; its {@link Rule#source()} says where it came from
   * @param armed whether it is on the active list, that is, applies to requests now; never for
   *     set-state
   * @param consumed whether {@code once} has used it up
   * @param eventsMatched how many events armed it, again or for the first time; for a rule with a
   *     {@link RuleFilter} how many requests or operations it matched; for set-state how many set
   *     its state
   * @param requestsMatched how many requests it decided, including those that errno 0 let pass
   * @param injected to how many requests it did something
   */
  public record RuleStatus(
      int id,
      Rule rule,
      boolean armed,
      boolean consumed,
      long eventsMatched,
      long requestsMatched,
      long injected) {

    /** Whether it did anything: decided a request or set its state. */
    public boolean fired() {
      return rule.kind() == Rule.Kind.SET_STATE ? eventsMatched > 0 : requestsMatched > 0;
    }
  }

  /** The rules that were expected to do something and have not. */
  public List<Rule> neverFired() {
    return rules.stream()
        .filter(status -> status.rule().expectFired() && !status.fired())
        .map(RuleStatus::rule)
        .toList();
  }
}
