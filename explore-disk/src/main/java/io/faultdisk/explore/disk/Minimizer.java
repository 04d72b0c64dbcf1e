package io.faultdisk.explore.disk;

import io.faultdisk.base.Errno;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.Injection;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the fewest and plainest rules that make a run fail as a case did, by trying them: fewer
 * faults if there were several, and rules that QEMU knows, too, if those hit the same request.
 */
final class Minimizer {
  /** How many runs it may take. */
  private static final int ATTEMPTS_MAX = 200;

  private final List<TimelineEntry> timeline;
  private final Runner runner;
  private final Tried failure;
  private int attempts;

  /** Runs the workload under rules. */
  interface Runner {
    Tried run(List<Rule> rules) throws InterruptedException;
  }

  /** One error that was injected, by the number of its request. */
  private record Fault(int request, Errno errno) {}

  private Minimizer(List<TimelineEntry> timeline, Runner runner, Tried failure) {
    this.timeline = timeline;
    this.runner = runner;
    this.failure = failure;
  }

  /** The reproducer of a case that failed so; empty if nothing could run it by hand. */
  static Optional<Reproducer> reproducer(
      Case what, Tried failure, List<TimelineEntry> timeline, Runner runner, DiskReproducer writer)
      throws InterruptedException {
    Minimizer minimizer = new Minimizer(timeline, runner, failure);
    if (what instanceof Case.ErrorCase error) {
      Injection injection = error.injection();
      Optional<List<Rule>> plain = minimizer.plain(injection);
      return plain.isPresent()
          ? writer.of(plain.get(), what.id(), true)
          : writer.of(DiskRules.of(what), what.id(), false);
    }
    List<Fault> fewest = minimizer.fewest();
    if (fewest.isEmpty()) {
      return writer.of(DiskRules.of(what), what.id(), false);
    }
    return writer.of(rules(fewest), what.id(), false);
  }

  /** As QEMU could say it, if that does the same. */
  private Optional<List<Rule>> plain(Injection injection) throws InterruptedException {
    Optional<List<Rule>> rules =
        new PlaceRules(timeline).of(injection.point(), injection.errno(), injection.sticky());
    if (rules.isEmpty()) {
      return rules;
    }
    Tried again = runner.run(rules.get());
    boolean same =
        failsTheSame(again)
            && !again.injected().isEmpty()
            && again.injected().get(0).point().equals(injection.point());
    return same ? rules : Optional.empty();
  }

  private boolean failsTheSame(Tried again) {
    return again.verdict() == failure.verdict();
  }

  /** Leaves out one fault after the other, as long as it still fails. */
  private List<Fault> fewest() throws InterruptedException {
    List<Fault> faults = new ArrayList<>();
    for (DiskTrace.Injected injected : failure.injected()) {
      if (injected.decision() instanceof Decision.Fail fail) {
        faults.add(new Fault(injected.point().number(), fail.errno()));
      }
    }
    if (!fails(faults)) {
      return List.of();
    }
    // Halves first: most of many faults do not matter.
    for (int part = faults.size() / 2; part >= 1; part /= 2) {
      for (int from = 0; from < faults.size() && attempts < ATTEMPTS_MAX; ) {
        List<Fault> without = new ArrayList<>(faults);
        without.subList(from, Math.min(from + part, faults.size())).clear();
        if (!without.isEmpty() && fails(without)) {
          faults = without;
        } else {
          from += part;
        }
      }
    }
    return faults;
  }

  private boolean fails(List<Fault> faults) throws InterruptedException {
    attempts++;
    return failsTheSame(runner.run(rules(faults)));
  }

  private static List<Rule> rules(List<Fault> faults) {
    List<Rule> rules = new ArrayList<>();
    for (Fault fault : faults) {
      rules.add(DiskRules.atRequest(fault.request(), fault.errno(), false));
    }
    return rules;
  }
}
