package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.faults.FaultPoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The attempts of a test one after the other: first the clean run, which finds the points, then one
 * for each trial. For test frameworks; a program has {@link Exploration}.
 *
 * <pre>{@code
 * while ((trial = series.next()).isPresent()) {
 *   Attempt attempt = series.begin(trial.get(), disk);
 *   ... the test ...
 *   series.end(attempt);
 * }
 * }</pre>
 *
 * <p>For one thread at a time.
 */
public final class AttemptSeries {
  private final TrialPlan plan;
  private final Seed seed;
  private final Optional<String> only;
  private final Deque<Trial> waiting = new ArrayDeque<>(List.of(Trial.CLEAN));
  private int points;
  private int leftOut;

  /**
   * A series that has not begun.
   *
   * @param seed of everything that is chosen
   * @param only the {@link Trial#id} of the one to be tried after the clean run; empty is all
   */
  public AttemptSeries(TrialPlan plan, Seed seed, Optional<String> only) {
    this.plan = plan;
    this.seed = seed;
    this.only = only;
  }

  /** What comes next; empty if that was all, or if the clean run has not ended well. */
  public Optional<Trial> next() {
    return Optional.ofNullable(waiting.poll());
  }

  /** How many points the clean run had. */
  public int points() {
    return points;
  }

  /** How many trials the limit left out. */
  public int leftOut() {
    return leftOut;
  }

  /** Begins an attempt on a new disk. */
  public Attempt begin(Trial trial, TestDisk disk) {
    return new Attempt(disk, trial);
  }

  /**
   * Ends an attempt that went well.
   *
   * @throws AssertionError if the workload was not run, if the trial's point was not reached, or if
   *     the clean run had no points
   * @throws PointMissedException if the point was not reached, and need not be
   */
  public void end(Attempt attempt) throws PointMissedException {
    if (!attempt.isOver()) {
      throw new AssertionError(
          "the test has not called attempt.run(directory -> ...): nothing can go wrong outside it");
    }
    if (attempt.trial().isClean()) {
      plan(attempt);
    } else if (!attempt.isReached()) {
      missed(attempt);
    }
  }

  private void plan(Attempt clean) {
    List<Trial> trials = plan.trials(clean.points(), clean.disk().names(), seed);
    points = (int) trials.stream().map(Trial::point).distinct().filter(Optional::isPresent).count();
    if (points == 0) {
      throw new AssertionError(
          clean.points().isEmpty()
              ? "there is nowhere to fail: the workload did nothing to the files in the directory"
                  + " that it was given"
              : "there is nowhere to fail: the workload did "
                  + String.join(", ", new TreeSet<>(clean.events()))
                  + ", and none of it is in the plan");
    }
    List<Trial> chosen;
    if (only.isPresent()) {
      chosen = trials.stream().filter(trial -> isOnly(trial, only.get())).toList();
      if (chosen.isEmpty()) {
        throw new AssertionError("there is no '" + only.get() + "' here, but " + examples(trials));
      }
    } else {
      chosen = plan.spread(trials);
      leftOut = trials.size() - chosen.size();
    }
    waiting.addAll(chosen);
  }

  private static boolean isOnly(Trial trial, String name) {
    return trial.id().equals(name) || trial.toString().equals(name);
  }

  private static String examples(List<Trial> trials) {
    List<String> some = new ArrayList<>();
    trials.stream().limit(3).forEach(trial -> some.add("'" + trial.id() + "'"));
    return String.join(", ", some) + (trials.size() > some.size() ? ", ..." : "");
  }

  private void missed(Attempt attempt) throws PointMissedException {
    FaultPoint point = attempt.trial().point().orElseThrow();
    String message =
        "not deterministic: "
            + point
            + " was not reached. This time there were "
            + attempt.count(point.event())
            + " of "
            + point.event()
            + ", in the clean run at least "
            + point.occurrence();
    if (plan.mayMiss()) {
      throw new PointMissedException(message);
    }
    throw new AssertionError(
        message
            + ". Take time, randomness and threads out of the workload, or allow points to be"
            + " missed (mayMiss)");
  }
}
