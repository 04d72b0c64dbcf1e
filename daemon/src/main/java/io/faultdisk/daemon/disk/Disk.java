package io.faultdisk.daemon.disk;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.blkdebug.BlkdebugDriver;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.RuleWriter;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.SuspendedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Live control of one disk: its rules, its state, its breakpoints, its power.
 *
 * <p>Any thread. Each change is in force when the method returns: requests that come after that are
 * subject to it, those that are under way may not be. Once the disk is gone changes have no effect.
 */
public final class Disk implements AutoCloseable {
  /** How long a request that has been announced as suspended may take until it is. */
  private static final long STOPPING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

  private final Node node;
  private final BlkdebugDriver driver;
  private final FaultEngine engine;
  private final DiskListener listener;
  private final DiskActivity activity;
  private final Observer.Registration registration;

  /** Whether listeners have heard of it; before that there is nothing else to tell. */
  private final AtomicBoolean announced = new AtomicBoolean();

  /** One change of the rules at a time, so that what it looks at first still holds. */
  private final ReentrantLock changing = new ReentrantLock();

  Disk(Node node, BlkdebugDriver driver, FaultEngine engine, DiskListener listener) {
    this.node = node;
    this.driver = driver;
    this.engine = engine;
    this.listener = listener;
    this.activity = new DiskActivity(engine, size(node), Clock.system());
    this.registration = engine.observeChanges(this::observed);
    driver.receipts().observe(this::injected);
  }

  /** From now on listeners hear of it, and what goes on is counted. Idempotent. */
  void announce() {
    if (!announced.getAndSet(true)) {
      driver.observe(activity);
      listener.happened(new DiskEvent.Added(name()));
    }
  }

  /** It is gone; listeners hear of that, if they have heard of it. */
  void end() {
    close();
    tell(new DiskEvent.Removed(name()));
  }

  private void tell(DiskEvent event) {
    if (announced.get()) {
      listener.happened(event);
    }
  }

  private static long size(Node node) {
    try {
      return node.length();
    } catch (BlockIoException e) {
      // The map grows with what is asked for.
      return 0;
    }
  }

  /** The name of the node. */
  public String name() {
    return node.name();
  }

  /** The blkdebug node. */
  public Node node() {
    return node;
  }

  /** What has been going on. */
  public DiskActivity activity() {
    return activity;
  }

  /** State, breakpoints, suspended requests, all rules: at one moment. */
  public Snapshot snapshot() {
    return engine.snapshot();
  }

  // ---- rules

  /** Its rules: those about requests in the order in which they are asked, then set-state. */
  public List<Fault> faults() {
    return engine.snapshot().rules().stream().map(Fault::of).toList();
  }

  /** The rule with that id. */
  public Optional<Fault> fault(int id) {
    return faults().stream().filter(fault -> fault.id() == id).findFirst();
  }

  /**
   * Adds a rule behind the others. One on {@code none} is armed at once, unless rules on another
   * event are armed now: only one event's are at a time.
   *
   * @throws UsageException if a rule file with that rule would be refused
   */
  public Fault add(FaultSpec spec) throws UsageException {
    Rule rule = spec.rule();
    int id;
    changing.lock();
    try {
      id = engine.add(List.of(rule)).get(0);
      armIfIdle(List.of(rule));
    } finally {
      changing.unlock();
    }
    changed();
    return require(id);
  }

  /**
   * Puts a rule in the place of another; no request meets both, or neither. The new one has an id
   * of its own and stands behind the others.
   *
   * @throws UsageException if there is no rule with that id, or the new one would be refused
   */
  public Fault replace(int id, FaultSpec spec) throws UsageException {
    Rule rule = spec.rule();
    Optional<Integer> next;
    changing.lock();
    try {
      next = engine.replace(id, rule);
      armIfIdle(List.of(rule));
    } finally {
      changing.unlock();
    }
    int newId = next.orElseThrow(() -> noFault(id));
    changed();
    return require(newId);
  }

  /**
   * Takes a rule out.
   *
   * @throws UsageException if there is none with that id
   */
  public void remove(int id) throws UsageException {
    boolean removed;
    changing.lock();
    try {
      removed = engine.remove(id);
    } finally {
      changing.unlock();
    }
    if (!removed) {
      throw noFault(id);
    }
    changed();
  }

  /** Takes all rules out; says how many. */
  public int removeAll() {
    int removed;
    changing.lock();
    try {
      removed = faults().size();
      engine.replaceAll(List.of());
    } finally {
      changing.unlock();
    }
    changed();
    return removed;
  }

  /**
   * Arms a rule by hand, and with it the others on its event: as if the event had happened now, in
   * the present state. One that {@code once} has used up is put in again first, as a new one.
   *
   * @return the rule, armed
   * @throws UsageException if there is no rule with that id, it is for another state, or it is not
   *     of a kind that is armed
   */
  public Fault arm(int id) throws UsageException {
    int armed = id;
    changing.lock();
    try {
      Fault fault = require(id);
      Rule rule = fault.rule();
      if (rule.kind() == Rule.Kind.SET_STATE) {
        throw new UsageException(
            "fault " + id + " is a set-state rule, which is never armed; set the state instead");
      }
      if (fault.status().consumed()) {
        armed = engine.replace(id, rule).orElse(id);
      }
      engine.arm(rule.event());
      if (!require(armed).status().armed()) {
        throw new UsageException(
            "fault " + id + " is for another state than " + engine.snapshot().state());
      }
    } finally {
      changing.unlock();
    }
    changed();
    return require(armed);
  }

  /**
   * All rules as a rule file.
   *
   * @param dialect {@link Dialect#QEMU}, if real QEMU is to read it, which has to be able to
   */
  public String rulesFile(Dialect dialect) {
    return RuleWriter.write(
        engine.snapshot().rules().stream().map(Snapshot.RuleStatus::rule).toList(), dialect);
  }

  /**
   * Reads a rule file without doing anything with it.
   *
   * @param name what mistakes are said to be in
   * @throws UsageException at the first mistake
   */
  public static List<Rule> parse(String name, String text) throws UsageException {
    return RuleSources.read(RuleFile.of(name, text), Dialect.FAULTDISK);
  }

  /**
   * Puts the rules of a file in the place of all that are there; no request meets both, or neither.
   *
   * @param name what mistakes are said to be in
   * @throws UsageException at the first mistake; nothing has changed then
   */
  public List<Fault> replaceAll(String name, String text) throws UsageException {
    List<Rule> rules = parse(name, text);
    changing.lock();
    try {
      engine.replaceAll(rules);
      armIfIdle(rules);
    } finally {
      changing.unlock();
    }
    changed();
    return faults();
  }

  /**
   * Rules on {@code none} are meant to apply at once. Once another event has armed rules they do
   * not; but when none of those is left, there is nothing that they would have to give way to.
   */
  private void armIfIdle(List<Rule> added) {
    if (added.stream().anyMatch(rule -> rule.event().equals(QemuEvents.NONE))
        && engine.snapshot().rules().stream().noneMatch(Snapshot.RuleStatus::armed)) {
      engine.arm(QemuEvents.NONE);
    }
  }

  private Fault require(int id) throws UsageException {
    return fault(id).orElseThrow(() -> noFault(id));
  }

  private UsageException noFault(int id) {
    return new UsageException("disk '" + name() + "' has no fault " + id);
  }

  // ---- state and breakpoints

  /** Moves the engine to a state. What is armed stays armed. */
  public void setState(int state) {
    engine.setState(state);
  }

  /**
   * Stops the next request that announces the event.
   *
   * @throws UsageException if that is no name of an event
   */
  public void addBreakpoint(String event, String tag) throws UsageException {
    if (tag.isEmpty()) {
      throw new UsageException("a breakpoint needs a tag, to be resumed by");
    }
    engine.addBreakpoint(event(event), tag);
    changed();
  }

  private static Event event(String name) throws UsageException {
    // As a rule could name it, with the words for one that could not.
    return new FaultSpec("inject-error", Map.of("event", name)).rule().event();
  }

  /** Breakpoints that were not hit yet. */
  public List<Breakpoint> breakpoints() {
    return engine.snapshot().breakpoints();
  }

  /** Requests that wait, longest first. */
  public List<SuspendedRequest> suspended() {
    return engine.snapshot().suspended();
  }

  /**
   * Lets one request with the tag go on, the latest.
   *
   * @throws UsageException if none waits
   */
  public void resume(String tag) throws UsageException {
    // Whoever was told of a stop was told a moment before it can be resumed.
    boolean waits = engine.awaitSuspended(tag, STOPPING_NANOS_MAX);
    if (!waits || !engine.resume(tag)) {
      throw new UsageException("no request with tag '" + tag + "' is suspended");
    }
  }

  /**
   * Removes the breakpoints with the tag and lets all requests with it go on.
   *
   * @throws UsageException if there are neither
   */
  public void removeBreakpoint(String tag) throws UsageException {
    boolean waiting = engine.isSuspended(tag);
    if (!engine.removeBreakpoint(tag) && !waiting) {
      throw new UsageException("there is no breakpoint with tag '" + tag + "'");
    }
    changed();
  }

  /** Removes all breakpoints and lets everything go on. */
  public void resumeAll() {
    engine.resumeAll();
    changed();
  }

  // ---- power

  /** Whether the power is on, and what a cut would take. */
  public PowerState power() {
    Optional<PowerSwitch> power = node.power();
    return new PowerState(
        power.map(PowerSwitch::isOn).orElse(true), power.map(PowerSwitch::unsynced));
  }

  /**
   * Cuts the power: every request fails with EIO until {@link #restorePower}. Of what was not
   * flushed only the survivors are left. Without a write-cache, or a rule that needs one, nothing
   * was volatile before the first cut, and nothing is lost.
   *
   * @param survivors {@code none}, {@code all}, {@code random} or a list, as in a rule
   * @return which writes survived
   * @throws UsageException if the survivors make no sense
   * @throws BlockIoException if they could not be stored; the power is off all the same
   */
  public Survivors cutPower(String survivors, long seed) throws UsageException, BlockIoException {
    Survivors wanted = Survivors.parse(survivors);
    try {
      return driver.requirePowerSwitch().cut(wanted, new Seed(seed));
    } finally {
      tell(new DiskEvent.PowerChanged(name(), false));
    }
  }

  /** Switches the power on again. */
  public void restorePower() {
    driver.requirePowerSwitch().restore();
    tell(new DiskEvent.PowerChanged(name(), true));
  }

  /** Forgets all that was not flushed, with the power on. */
  public void loseUnsynced() throws BlockIoException {
    driver.requirePowerSwitch().loseUnsynced();
  }

  /** Makes everything durable; no rule can spoil that. */
  public void checkpoint() throws BlockIoException {
    driver.requirePowerSwitch().checkpoint();
  }

  // ---- what happened

  /**
   * The receipts that are kept, the oldest first.
   *
   * @param after only those with higher numbers
   */
  public List<Receipt> receipts(long after) {
    List<Receipt> found = new ArrayList<>();
    for (Receipt receipt : driver.receipts().receipts()) {
      if (receipt.number() > after) {
        found.add(receipt);
      }
    }
    return found;
  }

  /** How many receipts there have been. */
  public long receiptCount() {
    return driver.receipts().count();
  }

  /** How many flushes have completed. */
  public long epoch() {
    return driver.epoch();
  }

  /** As new: no rules, state 1, nothing waits, the power is on, counters are 0. */
  public void reset() {
    removeAll();
    engine.resumeAll();
    engine.setState(FaultEngine.INITIAL_STATE);
    if (!power().on()) {
      restorePower();
    }
    activity.reset();
    changed();
  }

  private void changed() {
    tell(new DiskEvent.RulesChanged(name()));
  }

  private void injected(Receipt receipt) {
    tell(new DiskEvent.RuleHit(name(), receipt));
  }

  private void observed(Observation observation) {
    switch (observation) {
      case Observation.StateChanged change ->
          tell(
              new DiskEvent.StateChanged(
                  name(), change.event().map(Event::name).orElse(""), change.from(), change.to()));
      case Observation.RequestSuspended stop -> {
        // It may be a request of somebody who is still opening what is above.
        announce();
        tell(new DiskEvent.Suspended(name(), stop.request()));
      }
      case Observation.RequestResumed stop -> tell(new DiskEvent.Resumed(name(), stop.request()));
      case Observation.EventAnnounced _,
          Observation.RequestChecked _,
          Observation.OperationPerformed _ -> {}
    }
  }

  /** Stops watching it. The disk itself goes on. */
  @Override
  public void close() {
    registration.close();
    driver.observe(null);
    activity.close();
  }
}
