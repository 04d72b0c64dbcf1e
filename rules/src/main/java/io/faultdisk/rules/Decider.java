package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets events happen and decides requests and operations, by the {@link LiveRules}.
 *
 * <p>A request searches the active list in O(log n), without lock or allocation. Only to consume a
 * rule it takes the lock, looks whether the rule is still there and its list still active, and
 * starts again if not. Rules that QEMU has not got are counted, one by one and under the lock; a
 * list without any of them is as fast as QEMU's could be.
 *
 * <p>Thread rule: safe from any thread. Shares the engine's lock; no method returns before the
 * request or operation of the calling thread may go on, and while that waits the lock is not held.
 */
final class Decider {
  private final ReentrantLock lock;
  private final LiveRules live;
  private final RuleBook book;
  private final Observers observers;
  private final Suspender suspender;

  Decider(
      ReentrantLock lock, LiveRules live, RuleBook book, Observers observers, Suspender suspender) {
    this.lock = lock;
    this.live = live;
    this.book = book;
    this.observers = observers;
    this.suspender = suspender;
  }

  // ---- events

  /** An event happens. The type is null outside any request. */
  void announce(Event event, @Nullable RequestType type, long offset, long bytes) {
    List<Suspension> stops = List.of();
    boolean armed = false;
    int before;
    int after;
    lock.lock();
    try {
      before = live.state();
      // Again, now that nobody can change it.
      EventProgram program = live.table().find(event);
      if (program != null) {
        EventProgram.Step step = program.in(before);
        armed = live.arm(event, step);
        live.move(step.next(null, offset, bytes));
        stops = stop(event, type, offset, bytes);
      }
      if (event.equals(QemuEvents.NONE)) {
        live.opened(before);
      }
      after = live.state();
    } finally {
      lock.unlock();
    }

    if (!observers.isEmpty()) {
      observers.tell(
          new Observation.EventAnnounced(event, request(type, offset, bytes), before, armed));
    }
    if (after != before) {
      observers.tellChange(new Observation.StateChanged(Optional.of(event), before, after));
    }
    if (!stops.isEmpty()) {
      suspender.waitFor(stops);
    }
  }

  /** Under the lock: the stops at the breakpoints of an event. */
  private List<Suspension> stop(Event event, @Nullable RequestType type, long offset, long bytes) {
    List<Breakpoint> hit = live.takeBreakpoints(event);
    return hit.isEmpty() ? List.of() : suspender.stop(hit, request(type, offset, bytes));
  }

  private static Optional<Request> request(@Nullable RequestType type, long offset, long bytes) {
    return type == null ? Optional.empty() : Optional.of(new Request(type, offset, bytes));
  }

  // ---- operations, which are event and request at once

  /** Decides an operation that some rule may be about, or an observer wants to know of. */
  Decision perform(Operation operation, Target target, long offset, long bytes) {
    RequestType type = operation.type();
    Event alias = operation.alias();
    if (alias != null && (live.table().find(alias) != null || !observers.isEmpty())) {
      announce(alias, type, offset, bytes);
    }
    int before = live.state();
    Decision decision = decideByOwn(operation, type, target, offset, bytes);
    ActiveList active = live.active();
    if (decision == Decision.pass() && type != null && active != ActiveList.NONE) {
      decision = decide(active, type, target, offset, bytes);
    }
    if (decision != Decision.pass() && book.isSuspending()) {
      suspendIfAsked(decision, type == null ? RequestType.WRITE : type, offset, bytes);
    }
    tell(operation, target, offset, bytes, before, decision);
    return decision;
  }

  /**
   * Decides an operation about which only the rules on it have a say.
   *
   * @param type of the request that it belongs to; null if to none
   */
  Decision performAlone(
      Operation operation, @Nullable RequestType type, Target target, long offset, long bytes) {
    int before = live.state();
    Decision decision = decideByOwn(operation, type, target, offset, bytes);
    tell(operation, target, offset, bytes, before, decision);
    return decision;
  }

  private void tell(
      Operation operation, Target target, long offset, long bytes, int before, Decision decision) {
    if (!observers.isEmpty()) {
      observers.tell(
          new Observation.OperationPerformed(operation, target, offset, bytes, before, decision));
    }
  }

  /** What the rules on the operation's own events say. Returns when it may go on, or fail. */
  private Decision decideByOwn(
      Operation operation, @Nullable RequestType type, Target target, long offset, long bytes) {
    Decision decision = Decision.pass();
    if (!live.hasProgram(operation)) {
      return decision;
    }
    List<Suspension> stops = new ArrayList<>();
    int before;
    int after;
    lock.lock();
    try {
      before = live.state();
      decision = decideOwn(operation.event(), before, type, target, offset, bytes, decision, stops);
      Event wider = operation.wider();
      if (wider != null) {
        decision = decideOwn(wider, before, type, target, offset, bytes, decision, stops);
      }
      after = live.state();
    } finally {
      lock.unlock();
    }
    if (after != before) {
      observers.tellChange(
          new Observation.StateChanged(Optional.of(operation.event()), before, after));
    }
    if (!stops.isEmpty()) {
      suspender.waitFor(stops);
    }
    return decision;
  }

  /** Under the lock: what the rules on one event say to the operation that is the event. */
  private Decision decideOwn(
      Event event,
      int before,
      @Nullable RequestType type,
      Target target,
      long offset,
      long bytes,
      Decision decidedYet,
      List<Suspension> stops) {
    EventProgram program = live.table().find(event);
    if (program == null) {
      return decidedYet;
    }
    EventProgram.Step step = program.in(before);
    Decision decision = decidedYet;
    if (step.active().hasLive()) {
      step.active().armed();
      Decision own = decideLocked(step.active(), type, target, offset, bytes);
      decision = decidedYet == Decision.pass() ? own : decidedYet;
    }
    live.move(step.next(target, offset, bytes));
    stops.addAll(stop(event, type, offset, bytes));
    return decision;
  }

  // ---- requests

  /**
   * What the active list says to a request.
   *
   * @param active the list as it just was
   * @param target null if it is a request of a disk
   */
  Decision decide(
      ActiveList active, RequestType type, @Nullable Target target, long offset, long bytes) {
    if ((offset | bytes | (offset + bytes)) < 0) {
      throw new IllegalArgumentException(new Request(type, offset, bytes) + " is out of range");
    }
    ActiveList list = active;
    while (true) {
      if (list.hasCounted()) {
        lock.lock();
        try {
          return decideLocked(live.active(), type, target, offset, bytes);
        } finally {
          lock.unlock();
        }
      }
      int first = list.first(type, offset, bytes);
      if (first == RequestIndex.NONE) {
        return Decision.pass();
      }
      RuleState rule = list.get(first);
      if (!rule.consumable || consume(rule, list)) {
        rule.countRequest();
        return rule.decision(bytes);
      }
      list = live.active();
    }
  }

  /** Deletes a rule for good, if it still is on the active list; otherwise look again. */
  private boolean consume(RuleState rule, ActiveList list) {
    lock.lock();
    try {
      if (live.active() != list || rule.consumed()) {
        return false;
      }
      list.consume(rule);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: lets the rules of a list decide, counted ones among them. */
  private static Decision decideLocked(
      ActiveList list,
      @Nullable RequestType type,
      @Nullable Target target,
      long offset,
      long bytes) {
    // A rule on an operation without a type cannot ask for one, and the default types have writes.
    int first = list.first(type == null ? RequestType.WRITE : type, offset, bytes);
    RuleState plain = first == RequestIndex.NONE ? null : list.get(first);
    RuleState rule = list.count(plain, type, target, offset, bytes);
    if (rule == null) {
      return Decision.pass();
    }
    if (rule.counter != null) {
      rule.counter.fired();
    }
    if (rule.consumable) {
      list.consume(rule);
    }
    rule.countRequest();
    return rule.decision(bytes);
  }

  /** Lets a request wait if the rule that decides it says so. */
  void suspendIfAsked(Decision decision, RequestType type, long offset, long bytes) {
    if (decision instanceof Decision.ByRule byRule
        && byRule.rule() instanceof InjectError rule
        && rule.suspend().isPresent()) {
      suspender.suspend(rule.suspend().get(), rule.event(), new Request(type, offset, bytes));
    }
  }

  /** A write that is done at least in part heals bad blocks, where it is done. */
  void heal(Decision decision, long offset, long bytes) {
    lock.lock();
    try {
      for (RuleFilter.ByteRange written : decision.writes(offset, bytes)) {
        book.heal(written.offset(), written.bytes());
      }
    } finally {
      lock.unlock();
    }
  }
}
