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
   * @param rule the rule; its {@link Rule#source()} says where it came from
   * @param armed whether it is on the active list, that is, applies to requests now; never for
   *     set-state
   * @param consumed whether {@code once} has used it up
   * @param eventsMatched how many events armed it, again or for the first time; for a rule with a
   *     {@link RuleFilter} how many requests or operations it matched; for set-state how many set
   *     its state
   * @param requestsMatched how many requests it decided, including those that errno 0 let pass
   * @param injected how many requests it failed
   */
  public record RuleStatus(
      Rule rule,
      boolean armed,
      boolean consumed,
      long eventsMatched,
      long requestsMatched,
      long injected) {}
}
