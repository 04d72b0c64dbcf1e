package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoCase;
import io.faultdisk.cli.IoRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code faults}, the command that qemu-io does not have. */
final class FaultsCommandTest {
  private static final String RULES =
      """
      [inject-error]
      event = "read_aio"
      errno = "28"
      once = "on"

      [inject-error]
      event = "write_aio"
      iotype = "flush"
      sector = "10"
      state = "2"

      [set-state]
      event = "read_aio"
      state = "1"
      new_state = "2"
      """;

  @TempDir Path temp;

  private String faults(String rules, String... commands) {
    IoRun run =
        IoRun.ours(
            "io", IoCase.withRules("faults", rules, List.of(commands)), temp.resolve("case"));
    assertThat(run.stderr()).isEmpty();
    return run.stdout();
  }

  @Test
  void eachRuleSaysWhatBecameOfIt() {
    List<String> lines =
        faults(RULES, "read -q 0 512", "read -q 0 512", "write -q 0 512", "faults")
            .lines()
            .map(line -> line.replaceAll(" +", " "))
            .toList();
    assertThat(lines)
        .containsExactly(
            "read failed: No space left on device",
            "state: 2",
            "rule event does armed events requests failed",
            "{dir}/rules.conf:1 read_aio ENOSPC to any request, once used 1 1 1",
            "{dir}/rules.conf:6 write_aio EIO to flush at sector 10, in state 2 yes 1 0 0",
            "{dir}/rules.conf:12 read_aio state 1 becomes 2 - 1 - -");
  }

  @Test
  void breakpointsAndSuspendedRequestsAreListed() {
    assertThat(
            faults(
                    "",
                    "break write_aio A",
                    "break pwritev B",
                    "aio_write -q 4k 512",
                    "faults",
                    "resume A",
                    "resume B")
                .replaceAll("for \\d+ s", "for N s"))
        .isEqualTo(
            """
            blkdebug: Suspended request 'A'
            state: 1
            no rules
            breakpoint 'B' on pwritev
            suspended 'A' at write_aio: write of 512 bytes at 4096, for N s
            blkdebug: Resuming request 'A'
            blkdebug: Suspended request 'B'
            blkdebug: Resuming request 'B'
            """);
  }

  @Test
  void anImageWithoutRulesSaysSo() {
    IoCase plain =
        new IoCase(
            "plain",
            Map.of("disk.raw", IoCase.Content.zeroes(4096)),
            List.of("-f", "raw", "{dir}/disk.raw", "-c", "faults"),
            "");
    IoRun run = IoRun.ours("io", plain, temp.resolve("case"));
    assertThat(run.stdout())
        .isEqualTo("no rules: this image has no blkdebug node (open blkdebug:RULES:IMAGE)\n");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void qemuDoesNotHaveIt() {
    IoRun run = IoRun.ours(IoCase.withRules("faults", "", List.of("faults")), temp.resolve("case"));
    assertThat(run.stderr()).isEqualTo("command \"faults\" not found\n");
    assertThat(run.exitCode()).isEqualTo(1);
  }
}
