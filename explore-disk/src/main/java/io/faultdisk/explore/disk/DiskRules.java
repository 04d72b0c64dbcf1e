package io.faultdisk.explore.disk;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.Injection;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.Survivors;
import java.util.List;

/** The rules that make a case happen in a run whose requests come in the recorded order. */
final class DiskRules {
  private DiskRules() {}

  /** Those of a case's workload; a power cut needs none, since its state is worked out. */
  static List<Rule> of(Case what) {
    return switch (what) {
      case Case.ErrorCase error -> List.of(rule(error.injection()));
      case Case.PairCase pair ->
          List.of(
              rule(pair.first()),
              atRequest(pair.first().point().number() + pair.after(), pair.errno(), false));
      case Case.RandomCase random ->
          List.of(byChance(random.percent(), random.seed(), random.errno()));
      case Case.FaultCase other -> throw new IllegalArgumentException("not on a disk: " + other);
      case Case.CrashCase crash -> List.of();
      case Case.RecoveryCase recovery -> List.of();
    };
  }

  /** The rule of an injection. */
  static Rule rule(Injection injection) {
    return atRequest(injection.point().number(), injection.errno(), injection.sticky());
  }

  /** Fails the n-th request since the disk was opened, or all from it on. */
  static Rule atRequest(int number, Errno errno, boolean sticky) {
    return InjectError.on(QemuEvents.NONE)
        .withErrno(errno)
        .withFilter(RuleFilter.NONE.withOccurrence(number).withTimes(sticky ? Long.MAX_VALUE : 1));
  }

  /** Cuts the power just as in a crash state that is not at the end. */
  static Rule cut(CrashState state) {
    try {
      return RuleBuilder.on(QemuEvents.NONE)
          .occurrence(state.point().number())
          .cutPower(Survivors.parse(state.survivors()));
    } catch (UsageException e) {
      throw new IllegalStateException("survivors of our own making: " + state.survivors(), e);
    }
  }

  private static Rule byChance(double percent, Seed seed, Errno errno) {
    return InjectError.on(QemuEvents.NONE)
        .withErrno(errno)
        .withFilter(RuleFilter.NONE.withChance(percent, seed));
  }
}
