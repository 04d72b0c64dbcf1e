package io.faultdisk.faults;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.events.EventScope;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Operation;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The faults of one test: its rules, its breakpoints, and what became of them. File systems ask it
 * about every operation; the program under test announces events to it.
 *
 * <pre>{@code
 * Faults faults = Faults.create();
 * faults.add(RuleBuilder.on("fsync").path("*.wal").occurrence(3).fail(Errno.EIO));
 * try (EventScope scope = faults.listen()) {
 *   ...
 * }
 * assertThat(faults.unfired()).isEmpty();
 * }</pre>
 *
 * <p>Each is on its own: two tests with one each do not disturb each other. Safe from any thread.
 */
public final class Faults implements FaultEvents, AutoCloseable {
  /** How long {@link #await(String)} waits. */
  public static final Duration AWAIT_MAX = Duration.ofSeconds(30);

  private final Clock clock;
  private final Turns turns = new Holding();
  private final FaultEngine engine;
  private final AtomicLong epoch = new AtomicLong();
  private final List<Receipt> receipts = new CopyOnWriteArrayList<>();
  private final List<Runnable> onPowerCut = new CopyOnWriteArrayList<>();

  /** The operations that {@link #check} is, by name: made once, so that they are found fast. */
  private final Map<String, Operation> operations = new ConcurrentHashMap<>();

  private Faults(Clock clock) {
    this.clock = clock;
    this.engine = new FaultEngine(List.of(), turns, clock);
    engine.announce(QemuEvents.NONE);
  }

  /** Without rules. */
  public static Faults create() {
    return create(Clock.system());
  }

  /** Without rules, taking the time of receipts from a clock. */
  public static Faults create(Clock clock) {
    return new Faults(clock);
  }

  // ---- rules

  /**
   * Adds rules behind those that are there. Those on {@code none} apply at once.
   *
   * @throws IllegalArgumentException if one is about something that only disks or connections have
   */
  public void add(Rule... rules) {
    add(List.of(rules));
  }

  /**
   * Adds rules behind those that are there. Those on {@code none} apply at once.
   *
   * @throws IllegalArgumentException if one is about something that only disks or connections have
   */
  public void add(List<? extends Rule> rules) {
    for (Rule rule : rules) {
      switch (rule.kind()) {
        case MISDIRECT_WRITE, STALE_READ, BAD_BLOCKS, CONNECTION_FAULT ->
            throw new IllegalArgumentException(
                rule.source() + ": [" + rule.kind().wireName() + "] is for disks only");
        case INJECT_ERROR,
            SET_STATE,
            BREAKPOINT,
            SHORT_TRANSFER,
            CORRUPT,
            TEAR_WRITE,
            DROP_WRITE,
            FAIL_FLUSH,
            CUT_POWER -> {}
      }
    }
    engine.add(rules);
    if (rules.stream().anyMatch(rule -> rule.event().equals(QemuEvents.NONE))) {
      engine.announce(QemuEvents.NONE);
    }
  }

  /**
   * Adds the rules of a file, in {@link Dialect#FILES}; JSON if its first character is a brace.
   *
   * @throws UsageException at the first mistake, naming file and line and what to do
   */
  public void add(RuleFile file) throws UsageException {
    add(RuleSources.read(file, Dialect.FILES));
  }

  /**
   * Adds rules as they would stand in a file.
   *
   * @throws IllegalArgumentException if there is a mistake, naming the line and what to do
   */
  public void addText(String text) {
    try {
      add(RuleFile.of("rules", text));
    } catch (UsageException e) {
      throw new IllegalArgumentException(describe(e), e);
    }
  }

  private static String describe(UsageException e) {
    return e.hints().isEmpty()
        ? e.getMessage()
        : e.getMessage() + " (" + String.join(" ", e.hints()) + ")";
  }

  /** Takes rules out; returns how many of them were there. */
  public int remove(List<? extends Rule> rules) {
    return engine.remove(rules);
  }

  /** Takes all rules out, and lets everything go that waits at a breakpoint. */
  public void clear() {
    engine.remove(engine.snapshot().rules().stream().map(Snapshot.RuleStatus::rule).toList());
    engine.resumeAll();
  }

  // ---- what the program and its file system call

  @Override
  public void event(String name) {
    engine.announce(operation(name).event());
  }

  @Override
  public void check(String name) throws IOException {
    Decision decision = perform(operation(name), Target.of(name), 0, 0);
    switch (decision.kind()) {
      case PASS, DELAY, SHORTEN, CORRUPT, TEAR, DROP -> {
        // There are no bytes that could be fewer, other ones or lost.
      }
      case MISDIRECT, STALE, DISCONNECT -> throw new IllegalStateException("refused: " + decision);
      case FAIL -> throw new IOException(((Decision.Fail) decision).errno().text());
      case FAIL_FLUSH ->
          throw new IOException(((Decision.FailFlush) decision).rule().errno().text());
      case CUT_POWER -> {
        onPowerCut.forEach(Runnable::run);
        throw new IOException("The power was cut");
      }
    }
  }

  private Operation operation(String name) {
    Operation known = operations.get(name);
    return known != null
        ? known
        : operations.computeIfAbsent(name, n -> Operation.of(new Event(n)));
  }

  /**
   * A file system is about to do something. Returns when it may, or is not to: after the wait that
   * a rule wants.
   *
   * @param operation what
   * @param target to which file
   * @param offset first byte, 0 if it has no range
   * @param bytes length, 0 if it has no range
   */
  public Decision perform(Operation operation, Target target, long offset, long bytes) {
    Decision decision = engine.perform(operation, target, offset, bytes);
    if (decision == Decision.pass()) {
      if (operation.type() == RequestType.FLUSH) {
        epoch.incrementAndGet();
      }
      return decision;
    }
    receipts.add(
        new Receipt(
            operation, target.toString(), offset, bytes, epoch.get(), clock.now(), decision));
    if (decision instanceof Decision.ByRule byRule && byRule.rule() instanceof InjectError rule) {
      if (rule.delayNanos() > 0) {
        turns.sleep(rule.delayNanos());
      }
      if (operation.type() == RequestType.FLUSH
          && (!rule.fails() || rule.when() == InjectError.When.AFTER)) {
        epoch.incrementAndGet();
      }
    }
    return decision;
  }

  /**
   * Whether an operation would pass at once, whatever its target: nobody has anything to say to it,
   * nor wants to know of it.
   */
  public boolean isQuiet(Operation operation) {
    return engine.isQuiet(operation);
  }

  /**
   * Runs an action when a rule cuts the power at a {@link #check}. File systems register so.
   *
   * @return to be closed when the action is not wanted any more
   */
  public Observer.Registration whenPowerIsCut(Runnable action) {
    onPowerCut.add(action);
    return () -> onPowerCut.remove(action);
  }

  /**
   * Makes the calling thread, and those it starts, announce to these faults with {@link
   * FaultEvents#current()}.
   */
  public EventScope listen() {
    return EventScope.open(this);
  }

  // ---- breakpoints

  /**
   * Stops the next operation or announcement of an event, once. Names are tags, too: {@link
   * #await}, {@link #resume}. A thread that is interrupted is not held any longer.
   */
  public void suspendAt(String event) {
    engine.addBreakpoint(new Event(event), event);
  }

  /**
   * Waits until something is stopped there, for {@link #AWAIT_MAX} at most.
   *
   * @throws IllegalStateException if nothing is
   */
  public void await(String event) {
    await(event, AWAIT_MAX);
  }

  /**
   * Waits until something is stopped there.
   *
   * @throws IllegalStateException if nothing is
   */
  public void await(String event, Duration max) {
    if (!engine.awaitSuspended(event, max.toNanos())) {
      throw new IllegalStateException(
          "nothing was stopped at '"
              + event
              + "' within "
              + max.toMillis()
              + " ms: is it announced, and was suspendAt called before it?");
    }
  }

  /** Whether something is stopped there now. */
  public boolean isSuspended(String event) {
    return engine.isSuspended(event);
  }

  /**
   * Lets go what is stopped there, the latest first.
   *
   * @throws IllegalStateException if nothing is
   */
  public void resume(String event) {
    if (!engine.resume(event)) {
      throw new IllegalStateException("nothing is stopped at '" + event + "': await it first");
    }
  }

  // ---- looking

  /** The state, all rules with their hits, the breakpoints and what waits at them. */
  public Snapshot snapshot() {
    return engine.snapshot();
  }

  /** The engine's state. */
  public int state() {
    return engine.snapshot().state();
  }

  /** What was injected, in order. */
  public List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  /** How many flushes were let through, those among them that were done and then failed. */
  public long epoch() {
    return epoch.get();
  }

  /** The rules that have done nothing yet: perhaps the test does not do what it seems to. */
  public List<Rule> unfired() {
    List<Rule> unfired = new ArrayList<>();
    for (Snapshot.RuleStatus status : engine.snapshot().rules()) {
      if (!status.fired()) {
        unfired.add(status.rule());
      }
    }
    return unfired;
  }

  /** Begins to record, until the trace is closed. */
  public Trace trace(int entriesMax) {
    return new Trace(this, entriesMax);
  }

  /** Tells an observer of everything, until the registration is closed. */
  public Observer.Registration observe(Observer observer) {
    return engine.observe(observer);
  }

  /** Lets everything go that waits at a breakpoint. Rules stay. */
  @Override
  public void close() {
    engine.resumeAll();
  }
}
