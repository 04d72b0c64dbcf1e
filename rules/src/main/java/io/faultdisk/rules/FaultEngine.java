package io.faultdisk.rules;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Turns;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

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
 * What an event does in which state is worked out when rules come or go. So an event without rules
 * costs a look into a small table and takes no lock; an event with rules takes the lock for a
 * moment and, however many rules it arms, writes one reference. A request reads that reference and
 * searches an index, without lock or allocation.
 *
 * <p>Here is what may be asked for, and the look that is all it costs if there are no rules; {@link
 * LiveRules} holds the rules and what is armed, {@link Decider} decides by them, {@link Suspender}
 * holds the requests that wait.
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

  /** Held for moments only; shared by all parts. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Observers observers = new Observers();

  private final RuleBook book = new RuleBook();

  private final LiveRules live = new LiveRules(lock, book, observers);

  private final Suspender suspender;

  private final Decider decider;

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
    this.decider = new Decider(lock, live, book, observers, suspender);
    live.add(rules);
  }

  /**
   * Adds rules behind those that are there. A rule on the event that armed the active list, for the
   * state which that event found, is armed with it at once; any other waits for its event.
   *
   * @param more in definition order within each kind
   * @return the {@linkplain Snapshot.RuleStatus#id ids} of those that are not breakpoints
   */
  public final List<Integer> add(List<? extends Rule> more) {
    return live.add(more);
  }

  /**
   * Takes out one rule; if it is armed, it applies to no request from now on.
   *
   * @param id its {@linkplain Snapshot.RuleStatus#id id}
   * @return false if there is none with that id
   */
  public boolean remove(int id) {
    return live.remove(id);
  }

  /**
   * Puts a rule in the place of another: no request is decided by both, or by neither. The new one
   * stands behind all others, with counts of its own.
   *
   * @param id the other's {@linkplain Snapshot.RuleStatus#id id}
   * @return the new one's id; empty, and nothing is changed, if there is none with that id
   */
  public Optional<Integer> replace(int id, Rule rule) {
    return live.replace(id, rule);
  }

  /**
   * Puts rules in the place of all that are there, breakpoints apart; as {@link #replace} does.
   *
   * @param rules in definition order within each kind
   * @return the ids of those that are not breakpoints
   */
  public List<Integer> replaceAll(List<? extends Rule> rules) {
    return live.replaceAll(rules);
  }

  /** Moves to a state by hand. What is armed stays armed; events see the new state from now on. */
  public void setState(int next) {
    int before = live.setState(next);
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
    return live.arm(event);
  }

  /**
   * Takes out rules; those of them that are armed apply to no request from now on.
   *
   * @param fewer as they were given, by equality; those that are not there are ignored, and of
   *     equal ones all go
   * @return how many were taken out
   */
  public int remove(Collection<? extends Rule> fewer) {
    return live.remove(fewer);
  }

  /** Changes when rules come or go: whoever has looked at the rules finds out cheaply. */
  public int revision() {
    return live.revision();
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
    if (live.table().find(event) != null || !observers.isEmpty()) {
      decider.announce(event, type, offset, bytes);
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
    return live.isIdle() || (observers.isEmpty() && live.isQuiet(operation, target))
        ? Decision.pass()
        : decider.perform(operation, target, offset, bytes);
  }

  /** Whether nobody has anything to say to the operation, nor wants to know of it. */
  public boolean isQuiet(Operation operation) {
    return observers.isEmpty() && live.isQuiet(operation);
  }

  /** Whether {@link #checkConnection} has anything to look at; costs a look or two. */
  public boolean hasConnectionFaults() {
    return !live.isIdle()
        && (live.hasProgram(ConnectionPoint.REPLY.operation())
            || live.hasProgram(ConnectionPoint.CONNECT.operation()));
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
    return decider.performAlone(point.operation(), type.orElse(null), CONNECTION, offset, bytes);
  }

  /**
   * An event happened outside any request, as {@link QemuEvents#NONE} at open. As long as nothing
   * else was armed, rules on that one which are {@linkplain #add added} later are armed at once.
   */
  public void announce(Event event) {
    if (live.table().find(event) != null || !observers.isEmpty() || event.equals(QemuEvents.NONE)) {
      decider.announce(event, null, 0, 0);
    }
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
    ActiveList active = live.active();
    Decision decision =
        active == ActiveList.NONE
            ? Decision.pass()
            : decider.decide(active, type, null, offset, bytes);
    if (decision != Decision.pass() && book.isSuspending()) {
      decider.suspendIfAsked(decision, type, offset, bytes);
    }
    if (type == RequestType.WRITE || type == RequestType.WRITE_ZEROES) {
      if (book.hasBadBlocks()) {
        decider.heal(decision, offset, bytes);
      }
    }
    if (!observers.isEmpty()) {
      observers.tell(new Observation.RequestChecked(new Request(type, offset, bytes), decision));
    }
    return decision;
  }

  /**
   * Stops the next request that announces the event. Works once; several may be set on one event.
   */
  public void addBreakpoint(Event event, String tag) {
    live.add(new Breakpoint(event, tag, Source.program()));
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
    boolean removed;
    List<Suspension> stops;
    lock.lock();
    try {
      removed = live.removeBreakpoints(tag);
      stops = suspender.takeAll(tag);
    } finally {
      lock.unlock();
    }
    suspender.release(stops);
    return removed;
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
      live.removeBreakpoints();
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
      return live.snapshot(suspender.list());
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
      live.lookIfIdle();
      return () -> unobserve(own);
    } finally {
      lock.unlock();
    }
  }

  private void unobserve(Observers.Told own) {
    lock.lock();
    try {
      observers.remove(own);
      live.lookIfIdle();
    } finally {
      lock.unlock();
    }
  }
}
