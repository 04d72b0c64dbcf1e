package io.faultdisk.cli;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Turns;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop in which at most one thread runs at any time, so that the same commands always give
 * the same output.
 *
 * <p>The <em>main thread</em> (whoever made the loop) reads and executes commands. A request
 * started with {@link #start} gets a virtual thread and the baton: it runs until it first has to
 * wait, then the baton goes back to the main thread, which carries on with its next command.
 * Requests that could go on stand in a queue. The queue moves only while the main thread itself
 * waits: for its own request, in {@link #drain}, {@link #runUntil} or {@link #runOnce}.
 *
 * <pre>
 *   main      aio_write ──┐     next command ... aio_flush: takes the queue entry by entry ─┬──┐
 *   request               └─ runs until it waits (device, breakpoint)                      └─ runs on
 * </pre>
 *
 * <p><b>Order.</b> The queue is taken in batches; what becomes ready while a batch runs belongs to
 * the next. In a batch the newest entry comes first, except that requests which passed their turn
 * ({@link #pass}) go on in the order they did, together, where the first of them stood. The report
 * of a request that never had to wait is an entry of its own; any other request reports as it ends.
 * A request woken by another runs as soon as the other waits or ends, one woken by a command
 * ({@code resume}) runs at once. All this is what qemu-io shows when requests fail or need no
 * device; where a real disk decides about its order, ours is the order of submission.
 *
 * <p><b>Parts.</b> A request may start a part of itself ({@link #start(Runnable)}): it runs at
 * once, and when it first waits the baton goes back to the request that started it.
 *
 * <p><b>Outside.</b> What a request waits for in {@link #awaitOutside} comes from a thread that the
 * loop does not know. Its signals join the queue, in their order, when that is empty; and as long
 * as anybody waits so, the main thread sleeps until there is one.
 *
 * <p><b>Time.</b> Who sleeps goes on when the time has come and the queue is empty, the earliest
 * first; as long as anybody sleeps and the queue is empty, the main thread sleeps with them.
 *
 * <p><b>Deadlocks.</b> When the main thread waits, the queue is empty, nobody sleeps and nobody
 * waits for the outside, nothing can ever happen again: {@link Stuck} is thrown, where qemu-io
 * hangs.
 *
 * <p>Thread rule: all methods are called by the holder of the baton, that is by the main thread or
 * by a request that runs under this loop; only {@link #signal} also by others. Without requests no
 * thread is ever made and {@link #pass} returns at once.
 *
 * <p>Source: order observed with qemu-io 7.2 (null-co, injected errors, requests beyond the end);
 * it follows from util/async.c and util/qemu-coroutine.c there.
 */
public final class Loop implements Turns, AutoCloseable {

  /** The main thread waits for something that cannot happen any more. The message says for what. */
  public static final class Stuck extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String what;

    Stuck(String what) {
      super(what, null, false, false);
      this.what = what;
    }

    /** What is waited for, and why in vain. */
    public String what() {
      return what;
    }
  }

  /** Unwinds a request that is given up with the loop. */
  private static final class GivenUp extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GivenUp() {
      super("the loop was closed", null, false, false);
    }
  }

  /** What stands in the queue. */
  private sealed interface Entry {}

  /** All requests that passed, as one entry. */
  private enum Passed implements Entry {
    ALL
  }

  /** The main thread, when it passed. */
  private static final class MainTurn implements Entry {
    boolean hasCome;
  }

  /** A report to be made. */
  private record Report(Runnable report) implements Entry {}

  /** One request, or part of one, and its thread. */
  private static final class Task implements Entry {
    final Runnable body;
    final Optional<Runnable> report;
    final List<Task> woken = new ArrayList<>(0);
    Thread resumer;
    @Nullable Thread thread;
    boolean inAwait;
    boolean ended;
    boolean givenUp;
    @Nullable Throwable failure;

    Task(Runnable body, Optional<Runnable> report) {
      this.body = body;
      this.report = report;
      this.resumer = Thread.currentThread();
    }
  }

  /** When somebody wants to go on, by {@link Clock#nanoTime}; of two at one moment the older. */
  private static final class Alarm implements Comparable<Alarm> {
    final Thread sleeper = Thread.currentThread();
    final long nanoTime;
    final long number;
    boolean rung;

    Alarm(long nanoTime, long number) {
      this.nanoTime = nanoTime;
      this.number = number;
    }

    @Override
    public int compareTo(Alarm other) {
      int byTime = Long.signum(nanoTime - other.nanoTime);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final Thread main = Thread.currentThread();
  private final Clock clock = Clock.system();
  private final Supplier<String> suspendedTags;

  /** Whoever may run. The one volatile write per hand-over also publishes everything else here. */
  private volatile Thread baton = main;

  private Deque<Entry> batch = new ArrayDeque<>();
  private Deque<Entry> nextBatch = new ArrayDeque<>();
  private final Deque<Entry> passed = new ArrayDeque<>();
  private final List<Task> unfinished = new ArrayList<>();

  /** Waiters that a thread from outside has signalled. */
  private final Queue<Thread> signalledOutside = new ConcurrentLinkedQueue<>();

  private int waitingOutside;

  /** Who sleeps, the first to wake at the head. */
  private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();

  private long alarmsSet;
  private int unreported;
  private @Nullable Task running;
  private @Nullable List<Task> wokenBySynchronous;
  private boolean mainWaited;

  /**
   * A loop whose main thread is the caller.
   *
   * @param suspendedTags names the requests that stand at a breakpoint, for the message of {@link
   *     Stuck}; empty if none
   */
  public Loop(Supplier<String> suspendedTags) {
    this.suspendedTags = suspendedTags;
  }

  /**
   * Starts a request; returns when it first waits or has ended. {@code report} runs on the main
   * thread, later.
   */
  public void start(Runnable request, Runnable report) {
    unreported++;
    start(new Task(request, Optional.of(report)));
  }

  @Override
  public void start(Runnable part) {
    start(new Task(part, Optional.empty()));
  }

  private void start(Task task) {
    task.thread = Thread.ofVirtual().name("request").unstarted(() -> runTask(task));
    unfinished.add(task);
    run(task, true);
  }

  /** Whether there are requests that have not reported yet. */
  public boolean isBusy() {
    return unreported > 0;
  }

  /**
   * Begins a request on the main thread itself. Until {@link #endSynchronous} those that it wakes
   * run when it waits or ends, not at once.
   */
  public void beginSynchronous() {
    wokenBySynchronous = new ArrayList<>(0);
    mainWaited = false;
  }

  /**
   * Ends what {@link #beginSynchronous} began: others finish what they are entitled to before the
   * next command.
   *
   * @return whether the request had to wait
   */
  public boolean endSynchronous() {
    runWoken();
    wokenBySynchronous = null;
    finishBatch();
    return mainWaited;
  }

  /** Runs until the condition holds. It is looked at after each batch. */
  public void runUntil(BooleanSupplier condition, String what) {
    while (!condition.getAsBoolean()) {
      if (!runOnce()) {
        throw stuck(what);
      }
    }
  }

  /** Runs until all requests have reported. */
  public void drain() {
    runUntil(() -> unreported == 0, "for all requests");
  }

  /** Runs one batch; false if there is nothing to run. */
  public boolean runOnce() {
    boolean ran = step();
    finishBatch();
    return ran;
  }

  /** On the main thread: lets everybody run who is ready. In a request: waits for its next turn. */
  @Override
  public void pass() {
    Task task = running;
    if (task != null) {
      pass(task);
      wait(task);
      return;
    }
    mainWaited = true;
    runWoken();
    if (unreported == 0 && unfinished.isEmpty()) {
      return;
    }
    MainTurn turn = new MainTurn();
    pass(turn);
    while (!turn.hasCome) {
      step();
    }
  }

  @Override
  public void await(BooleanSupplier released) {
    Task task = running;
    if (task == null) {
      mainWaited = true;
      runWoken();
      while (!released.getAsBoolean()) {
        if (!step()) {
          throw stuck("for its own request or one before it");
        }
      }
      return;
    }
    while (!released.getAsBoolean()) {
      task.inAwait = true;
      wait(task);
      task.inAwait = false;
    }
  }

  @Override
  public void awaitOutside(BooleanSupplier released) {
    waitingOutside++;
    try {
      await(released);
    } finally {
      waitingOutside--;
    }
  }

  @Override
  public void sleep(long nanos) {
    Alarm alarm = new Alarm(clock.nanoTime() + nanos, alarmsSet++);
    alarms.add(alarm);
    try {
      await(() -> alarm.rung);
    } finally {
      alarms.remove(alarm);
    }
  }

  @Override
  public void signal(Thread waiter) {
    if (baton != Thread.currentThread()) {
      signalledOutside.add(waiter);
      LockSupport.unpark(main);
      return;
    }
    for (Task task : unfinished) {
      if (task.thread == waiter && task.inAwait) {
        wake(task);
        return;
      }
    }
  }

  /** Gives up all requests that have not ended: they unwind without touching anything more. */
  @Override
  public void close() {
    for (Task task : List.copyOf(unfinished)) {
      task.givenUp = true;
      handOver(task);
    }
    batch.clear();
    nextBatch.clear();
    passed.clear();
    unreported = 0;
  }

  private void wake(Task task) {
    task.inAwait = false;
    Task waker = running;
    if (waker != null) {
      waker.woken.add(task);
    } else if (wokenBySynchronous != null) {
      wokenBySynchronous.add(task);
    } else {
      run(task, false);
    }
  }

  private void runWoken() {
    List<Task> woken = wokenBySynchronous;
    if (woken == null || woken.isEmpty()) {
      return;
    }
    wokenBySynchronous = new ArrayList<>(0);
    for (Task task : woken) {
      run(task, false);
    }
  }

  private void pass(Entry entry) {
    if (passed.isEmpty()) {
      nextBatch.push(Passed.ALL);
    }
    passed.add(entry);
  }

  private void finishBatch() {
    while (!batch.isEmpty()) {
      step();
    }
  }

  /** Takes one entry; false if there is none, none can come from outside, and nobody sleeps. */
  private boolean step() {
    if (batch.isEmpty()) {
      Deque<Entry> empty = batch;
      batch = nextBatch;
      nextBatch = empty;
    }
    Entry entry = batch.poll();
    if (entry == null) {
      return !alarms.isEmpty() ? takeAlarm() : waitingOutside > 0 && takeOutside();
    }
    switch (entry) {
      case Passed all -> {
        while (!passed.isEmpty()) {
          batch.push(passed.removeLast());
        }
      }
      case MainTurn turn -> turn.hasCome = true;
      case Report report -> report(report.report());
      case Task task -> run(task, false);
    }
    return true;
  }

  /** Waits until the first sleeper may go on, or somebody outside has a signal. */
  private boolean takeAlarm() {
    Alarm first = alarms.element();
    if (parkUntil(first)) {
      return takeOutside();
    }
    alarms.remove(first);
    first.rung = true;
    ready(first.sleeper);
    return true; // if it is the main thread itself, that looks now
  }

  /** Parks; true if a signal has come from outside before the alarm. */
  private boolean parkUntil(Alarm alarm) {
    boolean interrupted = false;
    long left = alarm.nanoTime - clock.nanoTime();
    while (left > 0 && signalledOutside.isEmpty()) {
      LockSupport.parkNanos(this, left);
      interrupted |= Thread.interrupted();
      left = alarm.nanoTime - clock.nanoTime();
    }
    if (interrupted) {
      main.interrupt();
    }
    return !signalledOutside.isEmpty();
  }

  /** Puts a request that waits into the queue. */
  private void ready(Thread waiter) {
    for (Task task : unfinished) {
      if (task.thread == waiter && task.inAwait) {
        task.inAwait = false;
        batch.add(task);
      }
    }
  }

  /** Waits for signals from outside and puts those whom they are for into the queue. */
  private boolean takeOutside() {
    boolean interrupted = false;
    while (signalledOutside.isEmpty()) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      main.interrupt();
    }
    for (Thread waiter = signalledOutside.poll();
        waiter != null;
        waiter = signalledOutside.poll()) {
      ready(waiter);
    }
    return true; // if it was for the main thread itself, that looks now
  }

  private void report(Runnable report) {
    unreported--;
    report.run();
  }

  /**
   * Lets a request run, then those it has woken, then those these have woken, before older ones.
   */
  private void run(Task first, boolean isNew) {
    Deque<Task> turn = new ArrayDeque<>(4);
    turn.add(first);
    for (Task task = turn.poll(); task != null; task = turn.poll()) {
      if (!task.ended) {
        handOver(task);
        if (task.ended) {
          ended(task, isNew && task == first);
        }
      }
      for (int i = task.woken.size() - 1; i >= 0; i--) {
        turn.push(task.woken.get(i));
      }
      task.woken.clear();
    }
  }

  private void ended(Task task, boolean atOnce) {
    Throwable failure = task.failure;
    if (failure != null) {
      throw new IllegalStateException("a request ended with " + failure, failure);
    }
    if (task.report.isEmpty()) {
      return; // whoever started the part has heard of its end
    }
    if (atOnce) {
      nextBatch.push(new Report(task.report.get()));
    } else {
      report(task.report.get());
    }
  }

  /** Gives the baton to a request and waits until it comes back to the caller. */
  private void handOver(Task task) {
    Thread thread = task.thread;
    if (thread == null) {
      throw new IllegalStateException("request without thread");
    }
    Task outer = running;
    task.resumer = Thread.currentThread();
    running = task;
    baton = thread;
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    } else {
      LockSupport.unpark(thread);
    }
    waitForBaton(task.resumer);
    running = outer;
    if (task.ended) {
      unfinished.remove(task);
    }
  }

  private void runTask(Task task) {
    try {
      task.body.run();
    } catch (GivenUp closed) {
      // Nobody waits for the result.
    } catch (Throwable failure) {
      task.failure = failure;
    } finally {
      task.ended = true;
      giveBack(task);
    }
  }

  /** Gives the baton back and returns when it comes again. */
  private void wait(Task task) {
    if (task.givenUp) {
      throw new GivenUp();
    }
    giveBack(task);
    waitForBaton(Thread.currentThread());
    if (task.givenUp) {
      throw new GivenUp();
    }
  }

  private void giveBack(Task task) {
    Thread resumer = task.resumer;
    baton = resumer;
    LockSupport.unpark(resumer);
  }

  private void waitForBaton(Thread self) {
    boolean interrupted = false;
    while (baton != self) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      self.interrupt();
    }
  }

  private Stuck stuck(String what) {
    String tags = suspendedTags.get();
    if (tags.isEmpty()) {
      return new Stuck("would wait for ever " + what + ": no request is running");
    }
    return new Stuck(
        "would wait for ever "
            + what
            + ": "
            + tags
            + " is suspended at a breakpoint; resume it first"
            + " (a request that is to stop needs aio_read or aio_write)");
  }
}
