package io.faultdisk.nio.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.faults.FaultPoint;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.PathGlob;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Which faults are tried at which points of a run.
 *
 * <pre>{@code
 * TrialPlan.errors(Errno.EIO, Errno.ENOSPC).excludePaths("*.lock").sticky()
 * TrialPlan.powerCuts(CutPlan.DEFAULT)
 * }</pre>
 *
 * <p>Immutable; safe from any thread.
 *
 * @param faults what is tried at each point
 * @param events the operations that are points; empty is all but {@code stat}, {@code list}, {@code
 *     setattr} and {@code close}, whose failure hardly any program has to survive
 * @param paths files that are points, as globs; empty is all
 * @param excludedPaths files that are none
 * @param sticky whether all later operations of the same event fail, too, until the workload ends
 * @param cuts the power cuts that come with each fault; empty is none
 * @param max how many attempts at most, spread evenly over all; the rest is left out, and said to
 *     be
 * @param mayMiss whether an attempt may end without having reached its point, because the program
 *     does not do the same things in the same order each time
 */
public record TrialPlan(
    List<PointFault> faults,
    Set<String> events,
    List<PathGlob> paths,
    List<PathGlob> excludedPaths,
    boolean sticky,
    Optional<CutPlan> cuts,
    int max,
    boolean mayMiss) {
  private static final Set<String> HARDLY_MATTER = Set.of("stat", "list", "setattr", "close");

  /** Copies the collections and checks the number. */
  public TrialPlan {
    faults = List.copyOf(faults);
    events = Set.copyOf(events);
    paths = List.copyOf(paths);
    excludedPaths = List.copyOf(excludedPaths);
    if (max < 1) {
      throw new IllegalArgumentException("max (" + max + ") must be at least 1");
    }
  }

  private static TrialPlan of(List<PointFault> faults, Optional<CutPlan> cuts) {
    return new TrialPlan(
        faults, Set.of(), List.of(), List.of(), false, cuts, Integer.MAX_VALUE, false);
  }

  /** Every point fails with each of these errors in turn. */
  public static TrialPlan errors(Errno... errnos) {
    return of(Arrays.stream(errnos).map(PointFault::fail).toList(), Optional.empty());
  }

  /** The power is cut at every point, and when the workload has ended. */
  public static TrialPlan powerCuts(CutPlan cuts) {
    return of(List.of(PointFault.cutPower()), Optional.of(cuts));
  }

  /** Every flush goes wrong in these ways, too. */
  public TrialPlan failFlush(FailFlush.Mode... modes) {
    return and(Arrays.stream(modes).map(PointFault::failFlush));
  }

  /** Every read and write is short, too. */
  public TrialPlan shortTransfers() {
    return and(Stream.of(PointFault.shortTransfer()));
  }

  private TrialPlan and(Stream<PointFault> more) {
    return new TrialPlan(
        Stream.concat(faults.stream(), more).toList(),
        events,
        paths,
        excludedPaths,
        sticky,
        cuts,
        max,
        mayMiss);
  }

  /**
   * Only these operations: {@code "write", "fsync"}, or what the program checks.
   *
   * @throws IllegalArgumentException if there is no such operation and somebody seems to have
   *     mistyped one
   */
  public TrialPlan events(String... names) {
    for (String name : names) {
      checkEvent(name);
    }
    return new TrialPlan(faults, Set.of(names), paths, excludedPaths, sticky, cuts, max, mayMiss);
  }

  private static void checkEvent(String name) {
    if (name.equals(FileEvents.FDATASYNC.name())) {
      throw new IllegalArgumentException("'fdatasync' is no point of its own: 'fsync' means both");
    }
    try {
      RuleSources.read(
          RuleFile.of("events", "[inject-error]\nevent = \"" + name + "\"\n"), Dialect.FILES);
    } catch (UsageException e) {
      throw new IllegalArgumentException(
          "'" + name + "' is not an event. " + String.join(" ", e.hints()), e);
    }
  }

  /**
   * Only files whose path one of the globs matches; see {@link PathGlob}.
   *
   * @throws IllegalArgumentException if one is no glob
   */
  public TrialPlan paths(String... globs) {
    return new TrialPlan(faults, events, read(globs), excludedPaths, sticky, cuts, max, mayMiss);
  }

  /**
   * No files whose path one of the globs matches.
   *
   * @throws IllegalArgumentException if one is no glob
   */
  public TrialPlan excludePaths(String... globs) {
    return new TrialPlan(faults, events, paths, read(globs), sticky, cuts, max, mayMiss);
  }

  private static List<PathGlob> read(String... globs) {
    return Arrays.stream(globs).map(TrialPlan::read).toList();
  }

  private static PathGlob read(String glob) {
    try {
      return PathGlob.of(glob);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + glob + "' is not a path pattern: " + e.getDescription(), e);
    }
  }

  /** From the point on everything of the same kind fails, until the workload ends. */
  public TrialPlan sticky(boolean on) {
    return new TrialPlan(faults, events, paths, excludedPaths, on, cuts, max, mayMiss);
  }

  /** When the workload has met its fault and ended, the power is cut. */
  public TrialPlan thenPowerCuts(CutPlan plan) {
    return new TrialPlan(
        faults, events, paths, excludedPaths, sticky, Optional.of(plan), max, mayMiss);
  }

  /** So many attempts at most. */
  public TrialPlan max(int attempts) {
    return new TrialPlan(faults, events, paths, excludedPaths, sticky, cuts, attempts, mayMiss);
  }

  /** Points need not be reached. */
  public TrialPlan mayMiss(boolean on) {
    return new TrialPlan(faults, events, paths, excludedPaths, sticky, cuts, max, on);
  }

  /** The attempts for the points of a clean run, without regard to {@link #max}. */
  List<Trial> trials(List<FaultPoint> points, Names names, Seed seed) {
    List<Trial> trials = new ArrayList<>();
    for (FaultPoint point : points) {
      if (!isPoint(point)) {
        continue;
      }
      FaultPoint shown =
          new FaultPoint(
              point.event(), point.occurrence(), names.shorten(point.target()), point.epoch());
      for (PointFault fault : faults) {
        if (events.isEmpty() && !fault.fits(point)) {
          continue;
        }
        for (Optional<PowerCut> cut : cuts(seed, point.event() + "#" + point.occurrence())) {
          trials.add(Trial.of(shown, fault, sticky, cut));
        }
      }
    }
    if (cuts.isPresent()) {
      for (PowerCut cut : cuts.get().cuts(seed.fork("end"))) {
        trials.add(Trial.cutAtEnd(cut));
      }
    }
    return trials;
  }

  private List<Optional<PowerCut>> cuts(Seed seed, String point) {
    return cuts.isEmpty()
        ? List.of(Optional.empty())
        : cuts.get().cuts(seed.fork(point)).stream().map(Optional::of).toList();
  }

  /** Those of {@link #max} that are made of all trials. */
  List<Trial> spread(List<Trial> trials) {
    if (trials.size() <= max) {
      return trials;
    }
    List<Trial> some = new ArrayList<>();
    for (int i = 0; i < max; i++) {
      some.add(trials.get((int) ((long) i * trials.size() / max)));
    }
    return some;
  }

  /** Whether operations of this kind can be points. */
  boolean wants(String event) {
    return events.isEmpty() ? !HARDLY_MATTER.contains(event) : events.contains(event);
  }

  /** Whether something is to go wrong there. */
  boolean isPoint(FaultPoint point) {
    if (!wants(point.event())) {
      return false;
    }
    // What a program checks itself has no path.
    boolean file = FileEvents.named(point.event()).isPresent();
    return !file || ((paths.isEmpty() || matches(paths, point)) && !matches(excludedPaths, point));
  }

  private static boolean matches(List<PathGlob> globs, FaultPoint point) {
    for (String path : point.target().split(" -> ", -1)) {
      if (globs.stream().anyMatch(glob -> glob.matches(path))) {
        return true;
      }
    }
    return false;
  }
}
