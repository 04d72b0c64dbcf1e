package io.faultdisk.rules;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The rules and breakpoints of an engine, which may change while requests are on their way: in
 * which state it is, what each event does then, and which rules are armed.
 *
 * <pre>
 *   event --> EventTable --> EventProgram --(state)--> Step { ActiveList, SetState }
 *                                                              |
 *   active (volatile) ------------------------------------> ActiveList { any state, own state }
 *                                                              |            |
 *   request --> first of both, by (type, offset, bytes)     RuleGroup    RuleGroup --> RequestIndex per type
 * </pre>
 *
 * What an event does in which state is worked out when rules come or go, and arming rules, however
 * many, is writing one reference. So a request reads what is here without lock, and what it has
 * read stays right for as long as it needs it.
 *
 * <p>Thread rule: safe from any thread, unless a method says that it is called under the engine's
 * lock, which is shared and held for moments only.
 */
final class LiveRules {
  private final ReentrantLock lock;

  private final Observers observers;

  private final RuleBook book;

  private final Breakpoints breakpoints = new Breakpoints();

  // Written under the lock only.

  private volatile int state = FaultEngine.INITIAL_STATE;

  /** Events with rules or breakpoints. */
  private volatile EventTable table = EventTable.EMPTY;

  private volatile int revision;

  private volatile ActiveList active = ActiveList.NONE;

  private volatile boolean idle = true;

  // Guarded by the lock.

  /** The event that armed {@link #active}, and the state it found; null before the first. */
  private @Nullable Event armedBy;

  private int armedIn;

  LiveRules(ReentrantLock lock, RuleBook book, Observers observers) {
    this.lock = lock;
    this.book = book;
    this.observers = observers;
  }

  // ---- what holds now

  /** The current state. */
  int state() {
    return state;
  }

  /** What each event does. */
  EventTable table() {
    return table;
  }

  /** The rules that requests meet. */
  ActiveList active() {
    return active;
  }

  /** See {@link FaultEngine#revision}. */
  int revision() {
    return revision;
  }

  /** Whether there is nothing to look at: no rules, no breakpoints, no observers. */
  boolean isIdle() {
    return idle;
  }

  /** Whether there are rules or breakpoints on the operation itself. */
  boolean hasProgram(Operation operation) {
    EventTable now = table;
    Event wider = operation.wider();
    return now.find(operation.event()) != null || (wider != null && now.find(wider) != null);
  }

  /** Whether there are none, nor any other rules that might decide the operation. */
  boolean isQuiet(Operation operation) {
    Event alias = operation.alias();
    return !hasProgram(operation)
        && (alias == null || table.find(alias) == null)
        && (operation.type() == null || active == ActiveList.NONE);
  }

  /**
   * Whether there are no rules on the operation, or all are for other files. The target remembers
   * that as long as the rules stay.
   */
  boolean isQuiet(Operation operation, Target target) {
    if (operation.type() != null && active != ActiveList.NONE) {
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

  /** Under the lock: all of it, and the requests that wait. */
  Snapshot snapshot(List<SuspendedRequest> suspended) {
    return new Snapshot(state, book.statuses(active), breakpoints.list(), suspended);
  }

  // ---- what events do

  /**
   * Under the lock: an event arms its rules, unless it has none in the present state.
   *
   * @param step what it does in the present state
   * @return whether it has
   */
  boolean arm(Event event, EventProgram.Step step) {
    if (!step.active().hasLive()) {
      return false;
    }
    active = step.active();
    active.armed();
    armedBy = event;
    armedIn = state;
    return true;
  }

  /**
   * Under the lock: the disk was opened. As long as nothing else was armed, rules that are added
   * later are armed at once if they are on that event, for the state it found.
   */
  void opened(int found) {
    if (armedBy == null) {
      armedBy = QemuEvents.NONE;
      armedIn = found;
    }
  }

  /** Under the lock: a set-state rule moves to its state; null moves nothing. */
  void move(EventProgram.@Nullable SetStateCount rule) {
    if (rule != null) {
      state = rule.apply();
    }
  }

  /** Under the lock: uses up the breakpoints on an event. */
  List<Breakpoint> takeBreakpoints(Event event) {
    List<Breakpoint> hit = breakpoints.take(event);
    if (!hit.isEmpty()) {
      dropIfUnused(event);
    }
    return hit;
  }

  // ---- changes by hand

  /** See {@link FaultEngine#add}. */
  List<Integer> add(List<? extends Rule> more) {
    lock.lock();
    try {
      List<Integer> ids = book.add(more, breakpoints);
      compile();
      return ids;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FaultEngine#remove(int)}. */
  boolean remove(int id) {
    lock.lock();
    try {
      boolean removed = book.remove(id);
      if (removed) {
        compile();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FaultEngine#remove(Collection)}. */
  int remove(Collection<? extends Rule> fewer) {
    lock.lock();
    try {
      int removed = book.remove(fewer);
      if (removed > 0) {
        compile();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FaultEngine#replace}. */
  Optional<Integer> replace(int id, Rule rule) {
    lock.lock();
    try {
      if (!book.remove(id)) {
        return Optional.empty();
      }
      int newId = book.add(List.of(rule), breakpoints).get(0);
      compile();
      return Optional.of(newId);
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FaultEngine#replaceAll}. */
  List<Integer> replaceAll(List<? extends Rule> rules) {
    lock.lock();
    try {
      book.clear();
      return add(rules);
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock, after rules came or went: what each event does from now on. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void compile() {
    revision++;
    table = book.compile(breakpoints);
    if (armedBy != null) {
      EventProgram program = table.find(armedBy);
      active = program == null ? ActiveList.NONE : program.in(armedIn).active();
    }
    lookIfIdle();
  }

  /** Moves to a state and says which it was before. */
  int setState(int next) {
    lock.lock();
    try {
      int before = state;
      state = next;
      return before;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FaultEngine#arm}. */
  boolean arm(Event event) {
    lock.lock();
    try {
      EventProgram program = table.find(event);
      return program != null && arm(event, program.in(state));
    } finally {
      lock.unlock();
    }
  }

  /** Adds a breakpoint. */
  void add(Breakpoint breakpoint) {
    lock.lock();
    try {
      breakpoints.add(breakpoint);
      // Even if the event is in it: targets remember what they have found out with the old one.
      table = table.with(breakpoint.event());
      lookIfIdle();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: deletes the breakpoints with the tag, and says whether there were any. */
  boolean removeBreakpoints(String tag) {
    List<Breakpoint> removed = breakpoints.remove(tag);
    removed.forEach(breakpoint -> dropIfUnused(breakpoint.event()));
    return !removed.isEmpty();
  }

  /** Under the lock: deletes all breakpoints. */
  void removeBreakpoints() {
    breakpoints.list().forEach(breakpoint -> removeBreakpoints(breakpoint.tag()));
  }

  /**
   * Under the lock, after breakpoints went: takes an event off the table that only was there for
   * them.
   */
  private void dropIfUnused(Event event) {
    if (table.find(event) == EventProgram.EMPTY && !breakpoints.has(event)) {
      table = table.without(event);
    }
    lookIfIdle();
  }

  /** Under the lock, after rules, breakpoints or observers came or went. */
  void lookIfIdle() {
    idle = table.isEmpty() && active == ActiveList.NONE && observers.isEmpty();
  }
}
