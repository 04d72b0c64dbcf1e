package io.faultdisk.nio.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.nio.explore.Counter.Care;
import java.io.IOException;

/** A program that explores without any test framework; run by {@link ExplorationIT}. */
final class ExplorationMain {
  private ExplorationMain() {}

  /** Takes how careful the tested program is. */
  public static void main(String[] args) throws IOException {
    Care care = Care.valueOf(args[0]);
    Exploration.Summary summary =
        Exploration.of(TrialPlan.errors(Errno.EIO))
            .run(
                attempt -> {
                  Counter.write(attempt.directory(), 1, Care.ALL);
                  boolean completed = attempt.run(directory -> Counter.write(directory, 2, care));
                  int found = Counter.read(attempt.directory());
                  if (found != 2 && (completed || found != 1)) {
                    throw new AssertionError("found " + found);
                  }
                });
    System.out.println(summary);
  }
}
