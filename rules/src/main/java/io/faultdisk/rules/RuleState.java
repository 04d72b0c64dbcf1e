package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * One inject-error rule inside an engine: the rule with everything prepared, and what became of it.
 *
 * <p>Thread rule: the final fields are free for all, {@link #countRequest} counts atomically, the
 * rest is guarded by the engine's lock.
 */
final class RuleState {
  private static final AtomicLongFieldUpdater<RuleState> REQUESTS_MATCHED =
      AtomicLongFieldUpdater.newUpdater(RuleState.class, "requestsMatched");

  final InjectError rule;

  /** Place among the engine's inject-error rules, from 0; the lower goes first. */
  final int order;

  /** What a request that this rule decides is told; errno 0 says pass. */
  final Decision decision;

  /**
   * Whether the first request consumes the rule. Errno 0 lets requests pass, so it is never
   * consumed.
   */
  final boolean consumable;

  /**
   * How many requests it decided. In this object rather than in an AtomicLong: one cache line less.
   */
  private volatile long requestsMatched;

  /** Set once, while the engine is built. */
  private RuleGroup group = RuleGroup.EMPTY;

  /** Guarded by the engine's lock. */
  private boolean consumed;

  /** How often its group had been armed when it was consumed. Guarded by the engine's lock. */
  private long eventsMatchedAtEnd;

  RuleState(InjectError rule, int order) {
    this.rule = rule;
    this.order = order;
    boolean fails = !rule.errno().equals(Errno.SUCCESS);
    this.decision =
        fails ? new Decision.Fail(rule.errno(), rule.immediately(), rule) : Decision.pass();
    this.consumable = fails && rule.once();
  }

  /** Whether the rule looks at where a request is. */
  boolean hasSector() {
    return rule.sector().isPresent();
  }

  /** The byte that a request must contain; negative is never. Wraps around as in QEMU. */
  long sectorOffset() {
    return rule.sector().getAsLong() * InjectError.SECTOR_BYTES;
  }

  /** One more request that it decided. */
  void countRequest() {
    REQUESTS_MATCHED.getAndIncrement(this);
  }

  void joined(RuleGroup itsGroup) {
    group = itsGroup;
  }

  /** The rules with which it is armed. */
  RuleGroup group() {
    return group;
  }

  boolean consumed() {
    return consumed;
  }

  void consume(long eventsMatched) {
    consumed = true;
    eventsMatchedAtEnd = eventsMatched;
  }

  Snapshot.RuleStatus status(ActiveList active) {
    long matched = requestsMatched;
    return new Snapshot.RuleStatus(
        rule,
        active.contains(group) && !consumed,
        consumed,
        consumed ? eventsMatchedAtEnd : group.timesArmed(),
        matched,
        decision.kind() == Decision.Kind.FAIL ? matched : 0);
  }
}
