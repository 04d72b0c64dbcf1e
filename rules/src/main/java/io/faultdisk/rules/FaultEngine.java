package io.faultdisk.rules;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Turns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests fail: told of events, asked about requests, driven by rules.
 *
 * <h2>How rules work</h2>
 *
 * The engine has a state, 1 at first, and a list of <em>active</em> inject-error rules, empty at
 * first. An event looks at its own rules whose state is 0 or the current one. Its inject-error
 * rules among them replace the active list; if there are none, the list stays as it is. The first
 * of its set-state rules among them sets the state, after the others have seen the old one.
 * Breakpoints on it stop the request that announced it. A request is decided by the first rule of
 * the active list, in definition order, that matches its type and range; none, or one with errno 0,
 * lets it pass. {@code once} deletes the rule that failed a request.
 *
 * <p>Beyond QEMU, a rule may ask for more than type and sector ({@link RuleFilter}), let a request
 * wait, and do other things to it than fail it: one {@link Decision} for each kind. All kinds share
 * the one active list and its order. An {@link Operation} is its own event: the rules on it decide
 * it at once.
 *
 * <h2>How it is fast</h2>
 *
 * <pre>
 *   event --> EventTable --> EventProgram --(state)--> Step { ActiveList, SetState }
 *                                                              |
 *   active (volatile) ------------------------------------> ActiveList { any state, own state }
 *                                                              |            |
 *   request --> first of both, by (type, offset, bytes)     RuleGroup    RuleGroup --> RequestIndex per type
 * </pre>
 *
 * What an event does in which state is worked out when the engine is built. So an event without
 * rules costs a look into a small table and takes no lock; an event with rules takes the lock for a
 * moment and, however many rules it arms, writes one reference. A request reads that reference and
 * searches an index in O(log n), without lock or allocation. Only to consume a rule it takes the
 * lock, looks whether the rule is still there and its list still active, and starts again if not.
 * Rules that QEMU has not got are counted, one by one and under the lock; a list without any of
 * them is as fast as QEMU's could be.
 *
 * <p>What is armed and decided is here; {@link RuleBook} holds the rules as they come and go,
 * {@link Suspender} the requests that wait.
 *
 * <p><b>Thread rule:</b> safe from any thread. No lock is held while a request waits or an observer
 * is called.
 *
 * <p><b>Source:</b> behaves as QEMU 7.2 {@code block/blkdebug.c}.
 */
public final class FaultEngine {
  /** Connections have no paths. */
  private static final Target CONNECTION = Target.of("connection");

  /** The state of a new engine. */
  public static final int INITIAL_STATE = 1;

  /** Held for moments only; guards what follows unless it is volatile, and its writes even then. */
  private final ReentrantLock lock = new ReentrantLock();

  private final RuleBook rules = new RuleBook();

  private final Breakpoints breakpoints = new Breakpoints();

  private final Observers observers = new Observers();

  private final Suspender suspender;

  /** Read without the lock only for people. */
  private volatile int state = INITIAL_STATE;

  /** Events with rules or breakpoints. */
  private volatile EventTable table;

  private volatile int revision;

  private volatile ActiveList active = ActiveList.NONE;

  /** The event that armed {@link #active}, and the state it found; null before the first. */
  private @Nullable Event armedBy;

  private int armedIn;

  /** Whether there is nothing to look at: no rules, no breakpoints, no observers. */
  private volatile boolean idle = true;

  /** An engine whose suspended requests simply park their threads. */
  public FaultEngine(List<? extends Rule> rules) {
    this(rules, Turns.free(), Clock.system());
  }

  /**
   * Creates an engine in state 1 with nothing armed. It does not announce {@code none}: whoever
   * opens the disk does, when that has worked.
   *
   * @param rules in definition order within each kind
   * @param turns how suspended requests wait
   * @param clock for the time they have been waiting since
   */
  public FaultEngine(List<? extends Rule> rules, Turns turns, Clock clock) {
    this.suspender = new Suspender(lock, turns, clock, observers);
    this.table = EventTable.EMPTY;
    add(rules);
  }

  /**
   * Adds rules behind those that are there. A rule on the event that armed the active list, for the
   * state which that event found, is armed with it at once; any other waits for its event.
   *
   * @param more in definition order within each kind
   * @return the {@linkplain Snapshot.RuleStatus#id ids} of those that are not breakpoints
   */
  public final List<Integer> add(List<? extends Rule> more) {
    lock.lock();
    try {
      List<Integer> ids = rules.add(more, breakpoints);
      compile();
      return ids;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes out one rule; if it is armed, it applies to no request from now on.
   *
   * @param id its {@linkplain Snapshot.RuleStatus#id id}
   * @return false if there is none with that id
   */
  public boolean remove(int id) {
    lock.lock();
    try {
      boolean removed = rules.remove(id);
      if (removed) {
        compile();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts a rule in the place of another: no request is decided by both, or by neither. The new one
   * stands behind all others, with counts of its own.
   *
   * @param id the other's {@linkplain Snapshot.RuleStatus#id id}
   * @return the new one's id; empty, and nothing is changed, if there is none with that id
   */
  public Optional<Integer> replace(int id, Rule rule) {
    lock.lock();
    try {
      if (!rules.remove(id)) {
        return Optional.empty();
      }
      int newId = rules.add(List.of(rule), breakpoints).get(0);
      compile();
      return Optional.of(newId);
    } finally {
      lock.unlock();
    }
  }

  /** Moves to a state by hand. What is armed stays armed; events see the new state from now on. */
  public void setState(int next) {
    int before;
    lock.lock();
    try {
      before = state;
      state = next;
    } finally {
      lock.unlock();
    }
    if (next != before) {
      observers.tellChange(new Observation.StateChanged(Optional.empty(), before, next));
    }
  }

  /**
   * Arms the rules on an event by hand, as the event itself would in the present state: they
   * replace those that were armed. No state changes and nothing stops.
   *
   * @return false, and what was armed stays, if the event has no rule that could be armed now
   */
  public boolean arm(Event event) {
    lock.lock();
    try {
      EventProgram program = table.find(event);
      if (program == null || !program.in(state).active().hasLive()) {
        return false;
      }
      active = program.in(state).active();
      active.armed();
      armedBy = event;
      armedIn = state;
      lookIfIdle();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes out rules; those of them that are armed apply to no request from now on.
   *
   * @param fewer as they were given, by equality; those that are not there are ignored, and of
   *     equal ones all go
   * @return how many were taken out
   */
  public int remove(Collection<? extends Rule> fewer) {
    lock.lock();
    try {
      int removed = rules.remove(fewer);
      if (removed > 0) {
        compile();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /** Changes when rules come or go: whoever has looked at the rules finds out cheaply. */
  public int revision() {
    return revision;
  }

  /** Under the lock, after rules came or went: what each event does from now on. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void compile() {
    revision++;
    table = rules.compile(breakpoints);
    if (armedBy != null) {
      EventProgram program = table.find(armedBy);
      active = program == null ? ActiveList.NONE : program.in(armedIn).active();
    }
    lookIfIdle();
  }

  /**
   * An event happened on the way of a request. Returns when the request may go on: if the event has
   * a breakpoint, after it was resumed.
   *
   * @param event which
   * @param type the request's type
   * @param offset the request's first byte, 0 for a flush
   * @param bytes the request's length, 0 for a flush
   */
  public void announce(Event event, RequestType type, long offset, long bytes) {
    if (table.find(event) != null || !observers.isEmpty()) {
      arrive(event, type, offset, bytes);
    }
  }

  /**
   * A file or another thing is about to be operated on: an event, and a request at once. Returns
   * when the operation may go on, or fail.
   *
   * @param operation which
   * @param target what it is done to
   * @param offset its first byte, 0 if it has no range
   * @param bytes its length, 0 if it has no range
   */
  public Decision perform(Operation operation, Target target, long offset, long bytes) {
    return idle || isQuiet(operation, target)
        ? Decision.pass()
        : decide(operation, target, offset, bytes);
  }

  /**
   * Whether there are no rules on the operation, or all are for other files. The target remembers
   * that as long as the rules stay.
   */
  private boolean isQuiet(Operation operation, Target target) {
    if (!observers.isEmpty() || (operation.type() != null && active != ActiveList.NONE)) {
      return false;
    }
    EventTable now = table;
    if (target.isQuietIn(now, operation)) {
      return true;
    }
    // Rules on an alias are armed whatever the file, which disarms others.
    Event alias = operation.alias();
    boolean quiet =
        now.spares(operation.event(), target)
            && now.spares(operation.wider(), target)
            && (alias == null || now.find(alias) == null);
    if (quiet) {
      target.quietIn(now, operation);
    }
    return quiet;
  }

  /** Whether nobody has anything to say to the operation, nor wants to know of it. */
  public boolean isQuiet(Operation operation) {
    Event alias = operation.alias();
    return observers.isEmpty()
        && !hasProgram(operation)
        && (alias == null || table.find(alias) == null)
        && (operation.type() == null || active == ActiveList.NONE);
  }

  /** Whether there are rules or breakpoints on the operation itself. */
  private boolean hasProgram(Operation operation) {
    EventTable now = table;
    Event wider = operation.wider();
    return now.find(operation.event()) != null || (wider != null && now.find(wider) != null);
  }

  private Decision decide(Operation operation, Target target, long offset, long bytes) {
    RequestType type = operation.type();
    Event alias = operation.alias();
    if (alias != null && (table.find(alias) != null || !observers.isEmpty())) {
      arrive(alias, type, offset, bytes);
    }
    int before = state;
    Decision decision =
        hasProgram(operation)
            ? decideByOwn(operation, type, target, offset, bytes)
            : Decision.pass();
    if (decision == Decision.pass() && type != null && active != ActiveList.NONE) {
      decision = decide(type, target, offset, bytes);
    }
    if (decision != Decision.pass() && rules.isSuspending()) {
      suspendIfAsked(decision, type == null ? RequestType.WRITE : type, offset, bytes);
    }
    if (!observers.isEmpty()) {
      observers.tell(
          new Observation.OperationPerformed(operation, target, offset, bytes, before, decision));
    }
    return decision;
  }

  /** What the rules on the operation's own events say. Returns when it may go on, or fail. */
  private Decision decideByOwn(
      Operation operation, @Nullable RequestType type, Target target, long offset, long bytes) {
    Decision decision = Decision.pass();
    List<Suspension> stops = new ArrayList<>();
    int before;
    int after;
    lock.lock();
    try {
      before = state;
      decision = decideOwn(operation.event(), before, type, target, offset, bytes, decision, stops);
      Event wider = operation.wider();
      if (wider != null) {
        decision = decideOwn(wider, before, type, target, offset, bytes, decision, stops);
      }
      after = state;
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

  /** Whether {@link #checkConnection} has anything to look at; costs a look or two. */
  public boolean hasConnectionFaults() {
    return !idle
        && (hasProgram(ConnectionPoint.REPLY.operation())
            || hasProgram(ConnectionPoint.CONNECT.operation()));
  }

  /**
   * What is to become of a connection. The point is an event, too: it changes states and stops at
   * breakpoints; returns when it may go on.
   *
   * @param point where
   * @param type the type of the request that is replied to; empty when a client connects
   * @param offset the request's first byte, 0 if it has no range
   * @param bytes the request's length, 0 if it has no range
   * @return {@link Decision.Disconnect} or {@link Decision.Pass}
   */
  public Decision checkConnection(
      ConnectionPoint point, Optional<RequestType> type, long offset, long bytes) {
    Operation operation = point.operation();
    int before = state;
    Decision decision =
        hasProgram(operation)
            ? decideByOwn(operation, type.orElse(null), CONNECTION, offset, bytes)
            : Decision.pass();
    if (!observers.isEmpty()) {
      observers.tell(
          new Observation.OperationPerformed(
              operation, CONNECTION, offset, bytes, before, decision));
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
    EventProgram program = table.find(event);
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
    EventProgram.SetStateCount next = step.next(target, offset, bytes);
    if (next != null) {
      state = next.apply();
    }
    List<Breakpoint> hit = breakpoints.take(event);
    if (!hit.isEmpty()) {
      stops.addAll(suspender.stop(hit, request(type, offset, bytes)));
      dropIfIdle(event);
    }
    return decision;
  }

  /** Under the lock: lets the rules of a list decide, counted ones among them. */
  private Decision decideLocked(
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

  /**
   * An event happened outside any request, as {@link QemuEvents#NONE} at open. As long as nothing
   * else was armed, rules on that one which are {@linkplain #add added} later are armed at once.
   */
  public void announce(Event event) {
    if (table.find(event) != null || !observers.isEmpty() || event.equals(QemuEvents.NONE)) {
      arrive(event, null, 0, 0);
    }
  }

  /** The type is null outside any request. */
  private void arrive(Event event, @Nullable RequestType type, long offset, long bytes) {
    List<Suspension> stops = List.of();
    boolean armed = false;
    int before;
    int after;
    lock.lock();
    try {
      before = state;
      // Again, now that nobody can change it.
      EventProgram program = table.find(event);
      if (program != null) {
        EventProgram.Step step = program.in(before);
        if (step.active().hasLive()) {
          active = step.active();
          active.armed();
          armedBy = event;
          armedIn = before;
          armed = true;
        }
        EventProgram.SetStateCount next = step.next(null, offset, bytes);
        if (next != null) {
          state = next.apply();
        }
        List<Breakpoint> hit = breakpoints.take(event);
        if (!hit.isEmpty()) {
          stops = suspender.stop(hit, request(type, offset, bytes));
          dropIfIdle(event);
        }
      }
      if (armedBy == null && event.equals(QemuEvents.NONE)) {
        armedBy = event;
        armedIn = before;
      }
      after = state;
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

  private static Optional<Request> request(@Nullable RequestType type, long offset, long bytes) {
    return type == null ? Optional.empty() : Optional.of(new Request(type, offset, bytes));
  }

  /**
   * What is to become of a request. A rule with a sector never matches a request of no bytes, such
   * as a flush.
   *
   * @param type the request's type
   * @param offset its first byte
   * @param bytes its length; offset + bytes must not overflow
   */
  public Decision check(RequestType type, long offset, long bytes) {
    Decision decision =
        active == ActiveList.NONE ? Decision.pass() : decide(type, null, offset, bytes);
    if (decision != Decision.pass() && rules.isSuspending()) {
      suspendIfAsked(decision, type, offset, bytes);
    }
    if (type == RequestType.WRITE || type == RequestType.WRITE_ZEROES) {
      if (rules.hasBadBlocks()) {
        heal(decision, offset, bytes);
      }
    }
    if (!observers.isEmpty()) {
      observers.tell(new Observation.RequestChecked(new Request(type, offset, bytes), decision));
    }
    return decision;
  }

  /** Lets a request wait if the rule that decides it says so. */
  private void suspendIfAsked(Decision decision, RequestType type, long offset, long bytes) {
    if (decision instanceof Decision.ByRule byRule
        && byRule.rule() instanceof InjectError rule
        && rule.suspend().isPresent()) {
      suspender.suspend(rule.suspend().get(), rule.event(), new Request(type, offset, bytes));
    }
  }

  /** A write that is done at least in part heals bad blocks, where it is done. */
  private void heal(Decision decision, long offset, long bytes) {
    lock.lock();
    try {
      for (RuleFilter.ByteRange written : decision.writes(offset, bytes)) {
        rules.heal(written.offset(), written.bytes());
      }
    } finally {
      lock.unlock();
    }
  }

  private Decision decide(RequestType type, @Nullable Target target, long offset, long bytes) {
    if ((offset | bytes | (offset + bytes)) < 0) {
      throw new IllegalArgumentException(new Request(type, offset, bytes) + " is out of range");
    }
    while (true) {
      ActiveList list = active;
      if (list.hasCounted()) {
        lock.lock();
        try {
          return decideLocked(active, type, target, offset, bytes);
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
    }
  }

  /** Deletes a rule for good, if it still is on the active list; otherwise look again. */
  private boolean consume(RuleState rule, ActiveList list) {
    lock.lock();
    try {
      if (active != list || rule.consumed()) {
        return false;
      }
      list.consume(rule);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stops the next request that announces the event. Works once; several may be set on one event.
   */
  public void addBreakpoint(Event event, String tag) {
    lock.lock();
    try {
      breakpoints.add(new Breakpoint(event, tag, Source.program()));
      // Even if the event is in it: targets remember what they have found out with the old one.
      table = table.with(event);
      idle = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Resumes one stop with the tag, the latest.
   *
   * @return false if there is none (QEMU then says {@code ENOENT})
   */
  public boolean resume(String tag) {
    return suspender.resume(tag);
  }

  /**
   * Deletes the breakpoints with the tag on all events that were not hit yet, and resumes all stops
   * with it.
   *
   * @return whether a breakpoint was deleted. Resuming alone does not count: QEMU says {@code
   *     ENOENT} then, too
   */
  public boolean removeBreakpoint(String tag) {
    List<Breakpoint> removed;
    List<Suspension> stops;
    lock.lock();
    try {
      removed = breakpoints.remove(tag);
      removed.forEach(breakpoint -> dropIfIdle(breakpoint.event()));
      stops = suspender.takeAll(tag);
    } finally {
      lock.unlock();
    }
    suspender.release(stops);
    return !removed.isEmpty();
  }

  /**
   * Deletes all breakpoints and resumes everything that waits. A rule with {@code suspend} lets the
   * next request wait again.
   */
  public void resumeAll() {
    resumeAll(false);
  }

  /**
   * The same, and nothing waits from now on, whatever breakpoints and rules there are: for the end,
   * when nobody is left to resume anything. Apart from that rules go on as before.
   */
  public void resumeForGood() {
    resumeAll(true);
  }

  private void resumeAll(boolean forGood) {
    List<Suspension> stops;
    lock.lock();
    try {
      if (forGood) {
        suspender.end();
      }
      for (Breakpoint breakpoint : breakpoints.list()) {
        breakpoints.remove(breakpoint.tag());
        dropIfIdle(breakpoint.event());
      }
      stops = suspender.takeAll();
    } finally {
      lock.unlock();
    }
    suspender.release(stops);
  }

  /** Whether any request waits at a breakpoint with the tag. */
  public boolean isSuspended(String tag) {
    return suspender.isSuspended(tag);
  }

  /** Waits until {@link #isSuspended} holds; for ever if it never does. */
  public void awaitSuspended(String tag) {
    awaitSuspended(tag, Long.MAX_VALUE);
  }

  /**
   * Waits until {@link #isSuspended} holds, but not much longer than so many nanoseconds.
   *
   * @return whether it holds
   */
  public boolean awaitSuspended(String tag, long nanosMax) {
    return suspender.await(tag, nanosMax);
  }

  /** What is going on now. The counts of requests may be a moment newer than the rest. */
  public Snapshot snapshot() {
    lock.lock();
    try {
      return new Snapshot(state, rules.statuses(active), breakpoints.list(), suspender.list());
    } finally {
      lock.unlock();
    }
  }

  /** Tells an observer of everything from now on, until the registration is closed. */
  public Observer.Registration observe(Observer observer) {
    return observe(observer, true);
  }

  /**
   * Tells an observer only when the state changes and when requests stop and go on: unlike {@link
   * #observe} this costs requests nothing.
   */
  public Observer.Registration observeChanges(Observer observer) {
    return observe(observer, false);
  }

  private Observer.Registration observe(Observer observer, boolean curious) {
    lock.lock();
    try {
      Observers.Told own = observers.add(observer, curious);
      lookIfIdle();
      return () -> unobserve(own);
    } finally {
      lock.unlock();
    }
  }

  private void unobserve(Observers.Told own) {
    lock.lock();
    try {
      observers.remove(own);
      lookIfIdle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Under the lock, after breakpoints went: takes an event off the table that only was there for
   * them.
   */
  private void dropIfIdle(Event event) {
    if (table.find(event) == EventProgram.EMPTY && !breakpoints.has(event)) {
      table = table.without(event);
    }
    lookIfIdle();
  }

  /** Under the lock, after rules, breakpoints or observers came or went. */
  private void lookIfIdle() {
    idle = table.isEmpty() && active == ActiveList.NONE && observers.isEmpty();
  }
}
