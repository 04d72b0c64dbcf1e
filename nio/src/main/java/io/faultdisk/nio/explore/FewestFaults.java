package io.faultdisk.nio.explore;

import java.util.ArrayList;
import java.util.List;

/** Leaves out one fault after the other, as long as it still fails. For one thread. */
final class FewestFaults {
  /** How many runs it may take. */
  private static final int ATTEMPTS_MAX = 100;

  private final Fails fails;
  private int attempts;

  /** Tells whether it fails with some of the faults only. */
  interface Fails {
    boolean with(List<PointWatch.Seen> faults) throws InterruptedException;
  }

  FewestFaults(Fails fails) {
    this.fails = fails;
  }

  /** The fewest that still fail; empty if not even all of them do. */
  List<PointWatch.Seen> of(List<PointWatch.Seen> all) throws InterruptedException {
    List<PointWatch.Seen> faults = all;
    if (!failsWith(faults)) {
      return List.of();
    }
    // Halves first: most of many faults do not matter.
    for (int part = Math.max(1, faults.size() / 2); part >= 1; part /= 2) {
      for (int from = 0; from < faults.size() && attempts < ATTEMPTS_MAX; ) {
        List<PointWatch.Seen> without = new ArrayList<>(faults);
        without.subList(from, Math.min(from + part, faults.size())).clear();
        if (!without.isEmpty() && failsWith(without)) {
          faults = without;
        } else {
          from += part;
        }
      }
    }
    return faults;
  }

  private boolean failsWith(List<PointWatch.Seen> faults) throws InterruptedException {
    attempts++;
    return fails.with(faults);
  }
}
