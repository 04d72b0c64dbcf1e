package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.nio.explore.Counter.Care;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attempts without a test framework: which there are, what passes, and what a failure says. */
class ExplorationTest {
  private final List<String> names = new ArrayList<>();

  /**
   * Replaces 1234567 by 7654321: afterwards it is one of them, and the second if that went well.
   */
  private Exploration.Test test(Care care) {
    return attempt -> {
      names.add(attempt.trial().toString());
      Counter.write(attempt.directory(), 1234567, Care.ALL);
      boolean completed = attempt.run(directory -> Counter.write(directory, 7654321, care));
      int found = Counter.read(attempt.directory());
      if (found != 7654321 && (completed || found != 1234567)) {
        throw new AssertionError("found " + found + (completed ? " afterwards" : ""));
      }
    };
  }

  private static Exploration explore(TrialPlan plan) {
    return Exploration.of(plan).seed(new Seed(1));
  }

  @Test
  void everyPointFailsOnceWithEachErrorThatFits() throws Exception {
    Exploration.Summary summary =
        explore(TrialPlan.errors(Errno.EIO, Errno.ENOSPC)).run(test(Care.ALL));
    assertThat(names)
        .containsExactly(
            "clean run",
            "counter_write#1: EIO",
            "counter_write#1: ENOSPC",
            "create#1 number.new: EIO",
            "create#1 number.new: ENOSPC",
            "write#1 number.new: EIO",
            "write#1 number.new: ENOSPC",
            "fsync#1 number.new: EIO",
            "fsync#1 number.new: ENOSPC",
            "rename#1 number.new -> number: EIO",
            "rename#1 number.new -> number: ENOSPC",
            "open#1 .: EIO",
            "fsync#2 .: EIO",
            "fsync#2 .: ENOSPC");
    assertThat(summary).hasToString("7 fault points, 13 attempts, seed 0x1");
  }

  @Test
  void shortWritesFindTheProgramThatBelievesInThem() throws Exception {
    TrialPlan plan = TrialPlan.errors().shortTransfers();
    explore(plan).run(test(Care.ALL));
    assertThatThrownBy(() -> explore(plan).run(test(Care.BELIEVES_WRITES)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("java.lang.AssertionError: found 7654 afterwards\n");
  }

  @Test
  void aProgramThatOverwritesInPlaceIsFoundOut() {
    assertThatThrownBy(() -> explore(TrialPlan.errors(Errno.EIO)).run(test(Care.IN_PLACE)))
        .isInstanceOf(AssertionError.class)
        .hasRootCauseMessage("For input string: \"\"")
        .hasMessage(
            """
            java.lang.NumberFormatException: For input string: ""
            faultdisk: write#1 number: EIO
              injected:
                epoch 2: write number 0+8: fail with EIO by program
              the last 18 of 18 steps:
                1 [main] counter_write
                2 [main] create number.new
                3 [main] write number.new 0+8
                4 [main] fsync number.new
                5 [main] close number.new
                6 [main] rename number.new -> number
                7 [main] open .
                8 [main] fsync .
                9 [main] close .
                10 [main] counter_write
                11 [main] open number
                12 [main] truncate number
                13 [main] write number 0+8: fail with EIO by program
                14 [main] close number
                15 [main] stat number
                16 [main] open number
                17 [main] read number 0+1
                18 [main] close number
              to repeat it: -Dfaultdisk.only='write#1: EIO' -Dfaultdisk.seed=0x1
              the fault, for a test of its own, to be added before the workload:
                faults.addText(""\"
                    [inject-error]
                    event = "write"
                    times = "1"
                    errno = "EIO"
                    ""\");\
            """
                .replace("[main]", "[" + Thread.currentThread().getName() + "]"));
  }
}
