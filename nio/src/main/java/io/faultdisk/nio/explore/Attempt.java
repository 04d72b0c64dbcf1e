package io.faultdisk.nio.explore;

import io.faultdisk.faults.FaultPoint;
import io.faultdisk.faults.FaultPoints;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One run of a test, in which one thing goes wrong at one point; nothing in the first, the clean
 * run.
 *
 * <pre>{@code
 * List<String> written = new ArrayList<>();
 * boolean completed = attempt.run(directory -> {
 *   try (Log log = Log.open(directory)) {
 *     log.append("a");
 *     written.add("a");
 *   }
 * });
 * // From here on nothing goes wrong: what must hold now?
 * try (Log log = Log.open(attempt.directory())) {
 *   assertThat(log.read()).containsAll(written);
 * }
 * }</pre>
 *
 * <p>The fault happens within {@link #run} only. What comes before prepares the files, what comes
 * after looks at them: both find a healthy disk, after a power cut the disk as it is found then.
 *
 * <p>Used by one thread; the workload may have any number.
 */
public final class Attempt {
  private final TestDisk disk;
  private final Trial trial;
  private final List<Rule> planned;
  private final Companion companion;

  /** Rules that are there until the phase ends. */
  private final List<Rule> injected = new CopyOnWriteArrayList<>();

  private @Nullable FaultPoints points;
  private boolean recovered;
  private boolean died;
  private boolean over;
  private boolean reached;
  private @Nullable Exception failure;

  Attempt(TestDisk disk, Trial trial) {
    this(disk, trial, trial.rules(), Companion.NONE);
  }

  /**
   * An attempt with more than a trial.
   *
   * @param planned the rules of the workload
   */
  Attempt(TestDisk disk, Trial trial, List<Rule> planned, Companion companion) {
    this.disk = disk;
    this.trial = trial;
    this.planned = List.copyOf(planned);
    this.companion = companion;
  }

  /** What is to go wrong. */
  public Trial trial() {
    return trial;
  }

  /** Where something is to go wrong; empty in the clean run and when the power goes at the end. */
  public Optional<FaultPoint> point() {
    return trial.point();
  }

  /** The test's faults. */
  public Faults faults() {
    return disk.faults();
  }

  /** The file system; after a power cut that which is found then. */
  public FaultFileSystem files() {
    return disk.files();
  }

  /** The test's directory there, empty at first. */
  public Path directory() {
    return disk.directory();
  }

  /**
   * Runs the workload, in which the fault happens. To be called once.
   *
   * <p>What the workload throws is held back if it may come from the fault: if the fault (or
   * another rule of the test) has done something by then, and it is an {@link IOException} or has
   * one among its causes or suppressed exceptions. Everything else is thrown on, assertion errors
   * always: a program may give up when its disk fails, but not by a {@code NullPointerException}.
   *
   * @return whether the workload came to its end without an exception
   * @throws IllegalStateException if it is called again
   * @throws AssertionError if the fault's point was not reached
   * @throws Exception what the workload threw
   */
  public boolean run(Workload workload) throws Exception {
    if (points != null) {
      throw new IllegalStateException("run is called once in each attempt");
    }
    disk.settle();
    int before = faults().receipts().size();
    try (FaultPoints recorded = new FaultPoints(faults())) {
      points = recorded;
      inject(planned);
      companion.runBegins(this);
      try {
        workload.run(directory());
      } finally {
        companion.runEnds(this);
        reached = fired(planned);
        calm();
      }
    } catch (Exception e) {
      if (!isExpected(e, before)) {
        died = true;
        throw e;
      }
      failure = e;
    }
    over = true;
    if (trial.cut().isPresent()) {
      disk.reboot(trial.cut().get());
    }
    return failure == null;
  }

  /**
   * Does what the program does when it is started again, after {@link #run}. Not needed for most
   * tests, since what checks does that, too; but an exploration lets a second fault happen in here,
   * and nowhere else after the workload. What the recovery throws is held back as in {@link #run}.
   *
   * @return whether it came to its end without an exception
   * @throws IllegalStateException if it is called before {@link #run}, or again
   * @throws Exception what the recovery threw
   */
  public boolean recover(Workload recovery) throws Exception {
    if (!over || recovered) {
      throw new IllegalStateException("recover is called once, after run");
    }
    recovered = true;
    int before = faults().receipts().size();
    companion.recoveryBegins(this);
    try {
      recovery.run(directory());
      return true;
    } catch (Exception e) {
      if (!isExpected(e, before)) {
        throw e;
      }
      return false;
    } finally {
      companion.recoveryEnds(this);
      calm();
    }
  }

  private boolean isExpected(Exception e, int receiptsBefore) {
    return faults().receipts().size() > receiptsBefore && isInputOutput(e);
  }

  /** Adds rules until the phase ends. */
  void inject(List<Rule> rules) {
    injected.addAll(rules);
    faults().add(rules);
  }

  /** Takes out the rules that were injected. */
  void calm() {
    faults().remove(injected);
    injected.clear();
  }

  private boolean fired(List<Rule> rules) {
    if (rules.isEmpty()) {
      return true;
    }
    for (Snapshot.RuleStatus status : faults().snapshot().rules()) {
      if (status.requestsMatched() > 0 && rules.contains(status.rule())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInputOutput(Throwable thrown) {
    return isInputOutput(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static boolean isInputOutput(Throwable thrown, Set<Throwable> seen) {
    if (!seen.add(thrown)) {
      return false;
    }
    if (thrown instanceof IOException) {
      return true;
    }
    Throwable cause = thrown.getCause();
    if (cause != null && isInputOutput(cause, seen)) {
      return true;
    }
    for (Throwable suppressed : thrown.getSuppressed()) {
      if (isInputOutput(suppressed, seen)) {
        return true;
      }
    }
    return false;
  }

  /** What the workload threw because of the fault; empty if it came to its end. */
  public Optional<Exception> failure() {
    return Optional.ofNullable(failure);
  }

  // ---- for the series

  TestDisk disk() {
    return disk;
  }

  /** The operations of the workload. */
  List<FaultPoint> points() {
    return points == null ? List.of() : points.list();
  }

  /** Whether the workload was run, and what it threw was held back. */
  boolean isOver() {
    return over;
  }

  /** Whether the workload threw something that was not held back. */
  boolean died() {
    return died;
  }

  /** Whether the fault happened. */
  boolean isReached() {
    return reached;
  }

  /** How often the workload did what fails in this trial. */
  long count(String event) {
    return points().stream().filter(point -> point.event().equals(event)).count();
  }

  /** The events of the workload, for people. */
  Set<String> events() {
    Set<String> events = new HashSet<>();
    points().forEach(point -> events.add(point.event()));
    return events;
  }
}
