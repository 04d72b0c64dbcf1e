package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/** All cases of an exploration. The same recording and plan give the same list, anywhere. */
public final class CaseList {
  /** How far after the first fault the second one of a pair is looked for, in requests. */
  private static final int REACH = 20;

  /** Shares of requests that fail by chance, in percent. */
  private static final double[] CHANCES = {1, 3, 10, 30};

  private CaseList() {}

  /** The list, by kind. */
  public static List<Case> of(Recording recording, ExplorationPlan plan) {
    List<Case> cases = new ArrayList<>();
    if (plan.wants(Case.Family.ERRORS)) {
      errors(recording, plan, cases);
    }
    if (plan.wants(Case.Family.CRASHES)) {
      recording.states().forEach(state -> cases.add(new Case.CrashCase(state)));
    }
    if (plan.wants(Case.Family.PAIRS)) {
      pairs(recording, plan, cases);
    }
    if (plan.wants(Case.Family.RANDOM)) {
      random(plan, cases);
    }
    return thinned(cases, plan.cases());
  }

  private static void errors(Recording recording, ExplorationPlan plan, List<Case> cases) {
    for (FaultPoint point : recording.points()) {
      PointTraits traits = recording.traitsOf(point);
      for (Errno errno : plan.errnos()) {
        if (plan.once() && traits.fits(errno)) {
          cases.add(new Case.ErrorCase(new Injection(point, errno, false)));
        }
        if (plan.sticky() && traits.fits(errno)) {
          cases.add(new Case.ErrorCase(new Injection(point, errno, true)));
        }
      }
      for (String fault : traits.faults()) {
        if (plan.once()) {
          cases.add(new Case.FaultCase(point, fault, false));
        }
        if (plan.sticky()) {
          cases.add(new Case.FaultCase(point, fault, true));
        }
      }
    }
  }

  private static void pairs(Recording recording, ExplorationPlan plan, List<Case> cases) {
    Errno errno = plan.errnos().get(0);
    List<Case> all = new ArrayList<>();
    for (FaultPoint point : recording.points()) {
      if (!recording.traitsOf(point).fits(errno)) {
        continue;
      }
      int left = recording.points().size() - point.number();
      for (int after = 1; after <= Math.min(REACH, left); after++) {
        all.add(new Case.PairCase(new Injection(point, errno, false), after, errno));
      }
    }
    for (CrashState state : recording.states()) {
      for (int request = 1; request <= Math.min(REACH, recording.recoveryRequests()); request++) {
        all.add(new Case.RecoveryCase(state, request, errno));
      }
    }
    // Chosen by chance, since neighbours are alike; then in order again.
    List<Integer> indices = new ArrayList<>(all.size());
    for (int i = 0; i < all.size(); i++) {
      indices.add(i);
    }
    Collections.shuffle(indices, new Random(plan.seed().fork("pairs").value()));
    List<Integer> chosen =
        new ArrayList<>(indices.subList(0, Math.min(plan.pairs(), indices.size())));
    Collections.sort(chosen);
    chosen.forEach(index -> cases.add(all.get(index)));
  }

  private static void random(ExplorationPlan plan, List<Case> cases) {
    RandomGenerator random = plan.seed().fork("random").random();
    for (int i = 0; i < plan.random(); i++) {
      cases.add(
          new Case.RandomCase(
              new io.faultdisk.base.Seed(random.nextLong()),
              CHANCES[i % CHANCES.length],
              plan.errnos().get(i / CHANCES.length % plan.errnos().size())));
    }
  }

  private static List<Case> thinned(List<Case> cases, int most) {
    if (cases.size() <= most) {
      return List.copyOf(cases);
    }
    List<Case> left = new ArrayList<>(most);
    for (long i = 0; i < most; i++) {
      left.add(cases.get((int) (i * cases.size() / most)));
    }
    return List.copyOf(left);
  }
}
