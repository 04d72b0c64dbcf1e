package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.events.EventScope;
import io.faultdisk.nio.Durability;
import java.io.IOException;
import java.util.Optional;

/**
 * Runs a test again and again, each time with something else going wrong: in {@code main}, TestNG
 * or whatever runs Java.
 *
 * <pre>{@code
 * Exploration.of(TrialPlan.errors(Errno.EIO, Errno.ENOSPC)).run(attempt -> {
 *   boolean completed = attempt.run(directory -> write(directory));
 *   check(attempt.directory(), completed);
 * });
 * }</pre>
 *
 * <p>Each attempt has faults and a directory of its own, and its thread announces its events to
 * them. Immutable; each run is for one thread.
 */
public final class Exploration {
  /** Names the seed on the command line. */
  public static final String SEED_PROPERTY = "faultdisk.seed";

  /** Names the only trial on the command line. */
  public static final String ONLY_PROPERTY = "faultdisk.only";

  private final TrialPlan plan;
  private final DiskSettings settings;
  private final Optional<Seed> seed;
  private final Optional<String> only;

  private Exploration(
      TrialPlan plan, DiskSettings settings, Optional<Seed> seed, Optional<String> only) {
    this.plan = plan;
    this.settings = settings;
    this.seed = seed;
    this.only = only;
  }

  /** A test, run once for each attempt. */
  @FunctionalInterface
  public interface Test {
    /**
     * Runs the workload by {@link Attempt#run}, then checks what must hold.
     *
     * @throws Exception if it does not
     */
    void run(Attempt attempt) throws Exception;
  }

  /**
   * What was tried.
   *
   * @param points fault points of the clean run
   * @param attempts how many, without the clean run
   * @param missed attempts that did not reach their point, and need not
   * @param leftOut attempts that the plan's limit left out
   * @param seed of everything that was chosen
   */
  public record Summary(int points, int attempts, int missed, int leftOut, Seed seed) {
    /** {@code 12 fault points, 24 attempts, seed 0x1}. */
    @Override
    public String toString() {
      return points
          + " fault points, "
          + attempts
          + " attempts"
          + (missed == 0 ? "" : ", " + missed + " of them missed their point")
          + (leftOut == 0 ? "" : ", " + leftOut + " left out")
          + ", seed "
          + seed;
    }
  }

  /**
   * Tries what is planned. Where the plan has power cuts, the disk promises what POSIX does.
   *
   * <p>{@code -Dfaultdisk.seed} and {@code -Dfaultdisk.only} on the command line repeat what a
   * failure names.
   */
  public static Exploration of(TrialPlan plan) {
    DiskSettings settings =
        plan.cuts().isPresent()
            ? DiskSettings.DEFAULT.withPowerLoss(Durability.POSIX)
            : DiskSettings.DEFAULT;
    return new Exploration(plan, settings, Optional.empty(), Optional.empty());
  }

  /** On other disks. */
  public Exploration on(DiskSettings disk) {
    return new Exploration(plan, disk, seed, only);
  }

  /** With this seed, unless the command line has one. */
  public Exploration seed(Seed newSeed) {
    return new Exploration(plan, settings, Optional.of(newSeed), only);
  }

  /** Only the trial with this {@link Trial#id}, unless the command line has one. */
  public Exploration only(String trial) {
    return new Exploration(plan, settings, seed, Optional.of(trial));
  }

  private static Optional<String> property(String name) {
    return Optional.of(System.getProperty(name, "")).filter(text -> !text.isEmpty());
  }

  private Seed start() {
    Optional<String> given = property(SEED_PROPERTY);
    if (given.isEmpty()) {
      return seed.orElseGet(Seed::fresh);
    }
    try {
      return Seed.parse(given.get());
    } catch (UsageException e) {
      throw new IllegalArgumentException(
          "-D" + SEED_PROPERTY + ": " + e.getMessage() + ". " + String.join(" ", e.hints()), e);
    }
  }

  /**
   * Runs the test for the clean run and every trial, until one fails.
   *
   * @throws IllegalArgumentException if the command line has a seed that is none
   * @throws AssertionError if one fails, with a report of what happened and how to repeat it; what
   *     was thrown is its cause
   * @throws IOException if a directory cannot be made or removed
   */
  public Summary run(Test test) throws IOException {
    Seed start = start();
    AttemptSeries series = new AttemptSeries(plan, start, property(ONLY_PROPERTY).or(() -> only));
    int attempts = 0;
    int missed = 0;
    for (Optional<Trial> next = series.next(); next.isPresent(); next = series.next()) {
      missed += attempt(series, next.get(), start, test) ? 0 : 1;
      attempts++;
    }
    return new Summary(series.points(), attempts - 1, missed, series.leftOut(), start);
  }

  /** Returns whether the attempt's point was reached. */
  private boolean attempt(AttemptSeries series, Trial trial, Seed start, Test test)
      throws IOException {
    try (TestDisk disk = TestDisk.open(settings)) {
      EventScope scope = disk.faults().listen();
      Attempt attempt = series.begin(trial, disk);
      try {
        test.run(attempt);
        series.end(attempt);
        return true;
      } catch (PointMissedException e) {
        return false;
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            e + "\n" + disk.report(trial.toString(), again(trial, start), Optional.of(trial)), e);
      } finally {
        scope.close();
      }
    }
  }

  /** What to put on the command line to repeat a trial. */
  public static String again(Trial trial, Seed seed) {
    return (trial.isClean() ? "" : "-D" + ONLY_PROPERTY + "='" + trial.id() + "' ")
        + "-D"
        + SEED_PROPERTY
        + "="
        + seed;
  }
}
