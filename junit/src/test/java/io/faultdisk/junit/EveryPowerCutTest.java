package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.rules.FailFlush;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that lose power. */
class EveryPowerCutTest {

  private static void check(Attempt attempt, boolean completed) throws IOException {
    int found = Number.read(attempt.directory());
    if (found != 2 && (completed || found != 1)) {
      throw new AssertionError("found " + found + (completed ? " afterwards" : ""));
    }
  }

  static class Careful {
    @EveryPowerCut(subsets = 0, torn = 0)
    void replaces(Attempt attempt) throws Exception {
      Number.replace(attempt.directory(), 1);
      check(attempt, attempt.run(directory -> Number.replace(directory, 2)));
    }
  }

  @Test
  void thePowerGoesBeforeEachChangeAndAtTheEnd() {
    assertThat(TestRun.of(Careful.class).results())
        .containsExactly(
            "clean run: passed",
            "create#1 number.new: power cut, dropAll(): passed",
            "create#1 number.new: power cut, keepAll(): passed",
            "write#1 number.new: power cut, dropAll(): passed",
            "write#1 number.new: power cut, keepAll(): passed",
            "fsync#1 number.new: power cut, dropAll(): passed",
            "fsync#1 number.new: power cut, keepAll(): passed",
            "rename#1 number.new -> number: power cut, dropAll(): passed",
            "rename#1 number.new -> number: power cut, keepAll(): passed",
            "fsync#2 .: power cut, dropAll(): passed",
            "fsync#2 .: power cut, keepAll(): passed",
            "end: power cut, dropAll(): passed",
            "end: power cut, keepAll(): passed");
  }

  static class Forgetful {
    @EveryPowerCut(torn = 2)
    void forgetsTheDirectory(Attempt attempt) throws Exception {
      attempt.run(
          directory -> {
            try (FileChannel channel =
                FileChannel.open(
                    directory.resolve("number"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE)) {
              channel.force(true);
            }
          });
      if (attempt.failure().isEmpty()) {
        assertThat(Files.exists(attempt.directory().resolve("number"))).isTrue();
      }
    }

    @EveryPowerCut(durability = Durability.JOURNALED)
    void isForgiven(Attempt attempt) throws Exception {
      forgetsTheDirectory(attempt);
    }
  }

  @Test
  void whatWasNotAskedForIsLost() {
    TestRun run = TestRun.of(Forgetful.class);
    assertThat(run.results()).contains("end: power cut, dropAll(): failed");
    assertThat(TestRun.report(run.failure("end: power cut, dropAll()")))
        .isEqualTo(
            """
            faultdisk: EveryPowerCutTest.Forgetful.forgetsTheDirectory, end: power cut, dropAll()
              nothing was injected
              the last 4 of 4 steps:
                1 [main] create number
                2 [main] fsync number
                3 [main] close number
                4 [main] stat number
              the power was cut after step 3, PowerCut.dropAll(): 1 operation not durable
                create number
              to repeat it: -Dfaultdisk.only='end: power cut, dropAll()' -Dfaultdisk.seed=0x1\
            """);
    assertThat(run.failures().keySet()).allMatch(name -> name.startsWith("end: "));
  }

  static class FailedFlush {
    @EveryFaultPoint(
        errno = {},
        failFlush = FailFlush.Mode.DROP,
        thenPowerCut = true,
        only = "fsync#1: flush drop, then power cut, dropAll()")
    void ignoresIt(Attempt attempt) throws Exception {
      boolean completed =
          attempt.run(
              directory -> {
                Path file = directory.resolve("number");
                try {
                  Number.overwrite(directory, 2);
                } catch (IOException e) {
                  // The second fsync succeeds, and means nothing.
                  try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                  }
                }
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                  channel.force(true);
                }
              });
      check(attempt, completed);
    }
  }

  @Test
  void tryingAFailedFlushAgainIsFoundOut() {
    TestRun run = TestRun.of(FailedFlush.class);
    assertThat(run.results())
        .containsExactly(
            "clean run: passed", "fsync#1 number: flush drop, then power cut, dropAll(): failed");
    assertThat(run.failure()).isInstanceOf(NumberFormatException.class);
  }

  static class ByHand {
    @Test
    @WithFaults(powerLoss = Durability.POSIX)
    @FaultRules("[cut-power]\nevent = \"fsync\"\n")
    void cut(FaultFileSystem files, @FaultDir Path directory) throws IOException {
      try {
        Number.overwrite(directory, 1);
      } catch (IOException e) {
        assertThat(files.isPowered()).isFalse();
      }
      try (FaultFileSystem found = files.cutPower(PowerCut.keepAll())) {
        assertThat(Number.read(found.getPath(directory.toString()))).isEqualTo(1);
      }
    }

    @Test
    @WithFaults(powerLoss = {Durability.POSIX, Durability.JOURNALED})
    void both() {}
  }

  @Test
  void aTestMayCutThePowerItself() {
    TestRun run = TestRun.of(Map.of(), selectClass(ByHand.class));
    assertThat(run.results())
        .containsExactlyInAnyOrder("cut(FaultFileSystem, Path): passed", "both(): failed");
    assertThat(run.failure()).hasMessage("@WithFaults: a disk has one powerLoss, or none");
    assertThat(List.copyOf(run.failures().keySet())).containsExactly("both()");
  }
}
