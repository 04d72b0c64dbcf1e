package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.explore.Counter.Care;
import io.faultdisk.rules.FailFlush;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attempts without a test framework: which there are, what passes, and what a failure says. */
class ExplorationTest {
  private final List<String> names = new ArrayList<>();
  private final Map<String, String> commandLine = new HashMap<>();

  /** A seed that is meant for another test is not for this one. */
  @BeforeEach
  void hideCommandLine() {
    for (String name : List.of(Exploration.SEED_PROPERTY, Exploration.ONLY_PROPERTY)) {
      String value = System.clearProperty(name);
      if (value != null) {
        commandLine.put(name, value);
      }
    }
  }

  @AfterEach
  void showCommandLine() {
    commandLine.forEach(System::setProperty);
  }

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

  private void fails(TrialPlan plan, Care care, String... messages) {
    assertThatThrownBy(() -> explore(plan).run(test(care)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(messages);
  }

  @Test
  void powerCutsFindWhatIsMissing() throws Exception {
    TrialPlan cuts = TrialPlan.powerCuts(new CutPlan(2, 1, 512));
    assertThat(explore(cuts).run(test(Care.ALL)))
        .hasToString("6 fault points, 35 attempts, seed 0x1");
    assertThat(names)
        .contains(
            "clean run",
            "create#1 number.new: power cut, dropAll()",
            "create#1 number.new: power cut, keepAll()",
            "end: power cut, dropAll()");
    fails(cuts, Care.NO_DIRECTORY_FSYNC, "found 1234567 afterwards", "end: power cut, dropAll()");
    fails(cuts, Care.NO_FSYNC, "NumberFormatException", "fsync#1 .: power cut, subset(");
    fails(cuts, Care.IN_PLACE, "NumberFormatException");
  }

  @Test
  void aJournaledDiskForgivesMore() throws Exception {
    Exploration exploration =
        explore(TrialPlan.powerCuts(CutPlan.DEFAULT))
            .on(DiskSettings.DEFAULT.withPowerLoss(Durability.JOURNALED));
    exploration.run(test(Care.ALL));
    assertThatThrownBy(() -> exploration.run(test(Care.NO_DIRECTORY_FSYNC)))
        .hasMessageContaining("end: power cut, dropAll()");
  }

  @Test
  void aFlushThatFailedIsFoundOutByThePowerCutAfterIt() throws Exception {
    TrialPlan plan =
        TrialPlan.errors().failFlush(FailFlush.Mode.DROP).thenPowerCuts(CutPlan.DEFAULT);
    explore(plan).run(test(Care.ALL));
    fails(
        plan,
        Care.IGNORES_FSYNC_ERRORS,
        "fsync#1 number.new: flush drop, then power cut, dropAll()",
        "to repeat it: -Dfaultdisk.only='fsync#1: flush drop, then power cut, dropAll()'"
            + " -Dfaultdisk.seed=0x1");
  }

  @Test
  void theSameSeedMakesTheSameChoices() throws Exception {
    TrialPlan plan = TrialPlan.powerCuts(new CutPlan(2, 2, 512));
    explore(plan).run(test(Care.ALL));
    List<String> first = List.copyOf(names);
    names.clear();
    explore(plan).run(test(Care.ALL));
    assertThat(names).isEqualTo(first);
    assertThat(names).doesNotHaveDuplicates();
    String one = first.get(3).replace(" number.new", "");
    names.clear();
    Exploration.Summary summary = explore(plan).only(one).run(test(Care.ALL));
    assertThat(names).containsExactly("clean run", first.get(3));
    assertThat(summary.attempts()).isEqualTo(1);
  }

  @Test
  void aLimitIsSpreadOverAllAndSaid() throws Exception {
    assertThat(explore(TrialPlan.errors(Errno.EIO).max(3)).run(test(Care.ALL)))
        .hasToString("7 fault points, 3 attempts, 4 left out, seed 0x1");
    assertThat(names)
        .containsExactly(
            "clean run",
            "counter_write#1: EIO",
            "write#1 number.new: EIO",
            "rename#1 number.new -> number: EIO");
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    List<Path> directories = new ArrayList<>();
    List<Path> removed = new ArrayList<>();
    DirectoryFactory temp = new TempDirectories();
    DirectoryFactory watched =
        new DirectoryFactory() {
          @Override
          public Path create() throws IOException {
            Path directory = temp.create();
            directories.add(directory);
            return directory;
          }

          @Override
          public void remove(Path directory) throws IOException {
            temp.remove(directory);
            removed.add(directory);
          }
        };
    explore(TrialPlan.errors(Errno.EIO))
        .on(DiskSettings.DEFAULT.withDirectories(watched))
        .run(test(Care.ALL));
    assertThat(directories).hasSize(8).isEqualTo(removed).noneMatch(Files::exists);
  }
}
