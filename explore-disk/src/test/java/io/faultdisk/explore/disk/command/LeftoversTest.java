package io.faultdisk.explore.disk.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.raw.RawType;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.StateCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All that a program has started ends with it, and nothing else does. */
@Timeout(60)
class LeftoversTest {
  @TempDir Path directory;

  @Test
  void onlyProcessesOfThisRunAreEnded() throws Exception {
    Path ours = Files.createDirectory(directory.resolve("run1"));
    Path others = Files.createDirectory(directory.resolve("run12"));
    List<String> sleep = List.of("sleep", "1000");
    Process marked = Programs.start(sleep, Map.of("FAULTDISK_RUN", ours.toString()));
    Process alike = Programs.start(sleep, Map.of("FAULTDISK_RUN", others.toString()));
    Process named = Programs.start(sleep, Map.of("OTHER", "FAULTDISK_RUN=" + ours));
    Process plain = Programs.start(sleep, Map.of());
    try {
      Process ended = Programs.start(List.of("true"), Map.of());
      ended.waitFor();
      Leftovers.kill(ended, ours);
      assertThat(marked.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(List.of(alike, named, plain)).allMatch(Process::isAlive);
    } finally {
      List.of(marked, alike, named, plain).forEach(Process::destroyForcibly);
    }
  }

  @Test
  void whatIsNoDirectoryOfARunIsRefused() throws Exception {
    Process ended = Programs.start(List.of("true"), Map.of());
    ended.waitFor();
    for (String wrong : List.of("", "/", "run", "/no/such/directory")) {
      assertThatThrownBy(() -> Leftovers.kill(ended, Path.of(wrong)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aProgramTakesItsDaemonsWithIt() throws Exception {
    Path pid = directory.resolve("pid");
    Programs.Ended ended =
        Programs.run(
            List.of(
                "sh",
                "-c",
                "setsid sleep 1000 >/dev/null 2>&1 & echo $! >\"$1\"",
                "sh",
                pid.toString()),
            Map.of(),
            directory);
    assertThat(ended.exitCode()).isZero();
    long daemon = Long.parseLong(Files.readString(pid).strip());
    assertThat(ProcessHandle.of(daemon)).isEmpty();
  }

  @Test
  void whatChecksLeaveInTheBackgroundEndsWithTheLast() throws Exception {
    Path pid = directory.resolve("pid");
    CommandCheck check =
        new CommandCheck(
            List.of("setsid sleep 1000 >/dev/null 2>&1 & echo $! >" + pid),
            false,
            Optional.empty(),
            "raw",
            () -> List.of(new RawType()));
    try {
      StateCheck.DiskState state = new StateCheck.DiskState(DiskContent.empty(512), List.of());
      assertThat(check.check(state).good()).isTrue();
    } finally {
      check.close();
    }
    long daemon = Long.parseLong(Files.readString(pid).strip());
    assertThat(ProcessHandle.of(daemon)).isEmpty();
    check.close(); // once more does no harm
  }
}
