package io.faultdisk.nio.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes along with one attempt of an exploration: watches its points, and makes the second fault
 * happen, which is at a place that nobody knows before the first has happened.
 *
 * <p>Called by the threads of the workload; asked by the one that runs the attempt, afterwards.
 */
final class FileRun implements Companion {
  private final FileFault fault;
  private final TrialPlan plan;
  private final Names names;

  /** The operations that can fail, by name. */
  private final Set<String> events;

  private final Recorder recorder;
  private volatile @Nullable PointWatch run;
  private volatile @Nullable PointWatch recovery;

  /** The rules of a second fault that has not happened yet. Guarded by this, as what follows. */
  private List<Rule> armed = List.of();

  private boolean first;
  private int pointsSince;

  /** Wants to know of the points of a clean run. */
  interface Recorder {
    /** Does not. */
    Recorder NONE = new Recorder() {};

    /** The workload is about to do this. */
    default void at(PointWatch.Seen seen) {}

    /** The workload has done everything. */
    default void atEnd() {}
  }

  FileRun(FileFault fault, TrialPlan plan, Names names, Set<String> events, Recorder recorder) {
    this.fault = fault;
    this.plan = plan;
    this.names = names;
    this.events = Set.copyOf(events);
    this.recorder = recorder;
  }

  @Override
  public void runBegins(Attempt attempt) {
    run = new PointWatch(attempt.faults(), plan, names, seen -> inRun(attempt, seen));
  }

  @Override
  public void runEnds(Attempt attempt) {
    close(run);
    disarm();
    recorder.atEnd();
  }

  @Override
  public void recoveryBegins(Attempt attempt) {
    recovery = new PointWatch(attempt.faults(), plan, names, seen -> inRecovery(attempt, seen));
    attempt.inject(fault.recovery());
    if (fault.recoveryPoint() == 1) {
      arm(attempt);
    }
  }

  @Override
  public void recoveryEnds(Attempt attempt) {
    close(recovery);
    disarm();
  }

  private static void close(@Nullable PointWatch watch) {
    if (watch != null) {
      watch.close();
    }
  }

  private synchronized void inRun(Attempt attempt, PointWatch.Seen seen) {
    if (seen.number() > 0) {
      recorder.at(seen);
    }
    if (fault.after() == 0) {
      return;
    }
    if (first) {
      second(attempt, seen, fault.after());
    } else if (seen.injected()) {
      first = true;
      if (fault.after() == 1) {
        arm(attempt);
      }
    }
  }

  private synchronized void inRecovery(Attempt attempt, PointWatch.Seen seen) {
    if (fault.recoveryPoint() > 0) {
      second(attempt, seen, fault.recoveryPoint());
    }
  }

  /** Arms the second fault when the next point is the one, and disarms it once it has happened. */
  private void second(Attempt attempt, PointWatch.Seen seen, int wanted) {
    if (seen.injected()) {
      attempt.faults().remove(armed);
      disarm();
    }
    if (seen.number() > 0 && ++pointsSince == wanted - 1) {
      arm(attempt);
    }
  }

  private synchronized void arm(Attempt attempt) {
    List<Rule> rules = new ArrayList<>();
    PointFault fails = PointFault.fail(fault.errno());
    for (String event : events) {
      if (fails.fits(event)) {
        rules.add(RuleBuilder.on(event).once().fail(fault.errno()));
      }
    }
    armed = rules;
    attempt.inject(rules);
  }

  private synchronized void disarm() {
    armed = List.of();
  }

  /** The points of the workload. */
  List<PointWatch.Seen> points() {
    PointWatch watch = run;
    return watch == null ? List.of() : watch.seen();
  }

  /** How often the workload did each operation. */
  SortedMap<String, Long> counts() {
    PointWatch watch = run;
    return watch == null ? new TreeMap<>() : watch.counts();
  }

  /** Where something was injected into the workload. */
  List<PointWatch.Seen> injected() {
    PointWatch watch = run;
    return watch == null ? List.of() : watch.injected();
  }

  /** The points of the recovery. */
  List<PointWatch.Seen> recoveryPoints() {
    PointWatch watch = recovery;
    return watch == null ? List.of() : watch.seen();
  }

  /** Where something was injected into the recovery. */
  List<PointWatch.Seen> injectedIntoRecovery() {
    PointWatch watch = recovery;
    return watch == null ? List.of() : watch.injected();
  }

  /** A rule for each place where an error was injected. */
  static List<Rule> rules(List<PointWatch.Seen> injected, Errno errno) {
    List<Rule> rules = new ArrayList<>(injected.size());
    injected.forEach(seen -> rules.add(seen.point().rule().fail(errno)));
    return rules;
  }
}
