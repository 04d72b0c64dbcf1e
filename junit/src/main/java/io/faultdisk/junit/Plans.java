package io.faultdisk.junit;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.nio.explore.CutPlan;
import io.faultdisk.nio.explore.TrialPlan;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The plans that annotations ask for. */
final class Plans {
  private Plans() {}

  static TrialPlan of(EveryFaultPoint annotation, ExtensionContext context) {
    Errno[] errnos =
        Arrays.stream(annotation.errno())
            .map(name -> errno(name, "@EveryFaultPoint", context))
            .toArray(Errno[]::new);
    try {
      if (errnos.length == 0
          && annotation.failFlush().length == 0
          && !annotation.shortTransfers()) {
        throw new IllegalArgumentException(
            "nothing is to go wrong: give it errno, failFlush or shortTransfers");
      }
      TrialPlan plan =
          TrialPlan.errors(errnos)
              .failFlush(annotation.failFlush())
              .events(annotation.events())
              .paths(annotation.paths())
              .excludePaths(annotation.excludePaths())
              .sticky(annotation.sticky())
              .max(annotation.max())
              .mayMiss(annotation.mayMiss());
      if (annotation.shortTransfers()) {
        plan = plan.shortTransfers();
      }
      return annotation.thenPowerCut() ? plan.thenPowerCuts(CutPlan.DEFAULT) : plan;
    } catch (IllegalArgumentException e) {
      throw new Mistake("@EveryFaultPoint: " + e.getMessage(), context);
    }
  }

  static TrialPlan of(EveryPowerCut annotation, ExtensionContext context) {
    try {
      CutPlan cuts = new CutPlan(annotation.subsets(), annotation.torn(), annotation.blockBytes());
      return TrialPlan.powerCuts(cuts)
          .events(annotation.events())
          .paths(annotation.paths())
          .excludePaths(annotation.excludePaths())
          .max(annotation.max())
          .mayMiss(annotation.mayMiss());
    } catch (IllegalArgumentException e) {
      throw new Mistake("@EveryPowerCut: " + e.getMessage(), context);
    }
  }

  /** What may go wrong beside errors, and where. */
  static TrialPlan beside(ExploreFaults annotation, ExtensionContext context) {
    try {
      TrialPlan plan =
          TrialPlan.errors()
              .failFlush(annotation.failFlush())
              .events(annotation.events())
              .paths(annotation.paths())
              .excludePaths(annotation.excludePaths());
      return annotation.shortTransfers() ? plan.shortTransfers() : plan;
    } catch (IllegalArgumentException e) {
      throw new Mistake("@ExploreFaults: " + e.getMessage(), context);
    }
  }

  static ExplorationPlan of(ExploreFaults annotation, Seed seed, ExtensionContext context) {
    try {
      return new ExplorationPlan(
          Set.of(annotation.families()),
          Arrays.stream(annotation.errno())
              .map(name -> errno(name, "@ExploreFaults", context))
              .toList(),
          true,
          true,
          annotation.pairs(),
          annotation.random(),
          annotation.statesPerPoint(),
          annotation.cases(),
          seed);
    } catch (IllegalArgumentException e) {
      throw new Mistake("@ExploreFaults: " + e.getMessage(), context);
    }
  }

  private static Errno errno(String name, String annotation, ExtensionContext context) {
    return Errno.named(name)
        .filter(errno -> !errno.equals(Errno.SUCCESS))
        .orElseThrow(
            () ->
                new Mistake(
                    annotation
                        + ": '"
                        + name
                        + "' is not an error\nErrors have the names of Linux, such as EIO, ENOSPC"
                        + " or EACCES.",
                    context));
  }
}
