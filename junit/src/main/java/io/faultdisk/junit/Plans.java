package io.faultdisk.junit;

import io.faultdisk.base.Errno;
import io.faultdisk.nio.explore.CutPlan;
import io.faultdisk.nio.explore.TrialPlan;
import java.util.Arrays;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The plans that annotations ask for. */
final class Plans {
  private Plans() {}

  static TrialPlan of(EveryFaultPoint annotation, ExtensionContext context) {
    Errno[] errnos =
        Arrays.stream(annotation.errno()).map(name -> errno(name, context)).toArray(Errno[]::new);
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

  private static Errno errno(String name, ExtensionContext context) {
    return Errno.named(name)
        .filter(errno -> !errno.equals(Errno.SUCCESS))
        .orElseThrow(
            () ->
                new Mistake(
                    "@EveryFaultPoint: '"
                        + name
                        + "' is not an error\nErrors have the names of Linux, such as EIO, ENOSPC"
                        + " or EACCES.",
                    context));
  }
}
