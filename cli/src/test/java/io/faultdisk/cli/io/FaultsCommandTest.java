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
  void everyKindOfRuleSaysInWordsWhatItDoes() {
    String rules =
        """
        [inject-error]
        event = "write_aio"
        iotype = "write"
        errno = "28"
        when = "after"
        occurrence = "3"
        times = "2"
        [inject-error]
        event = "read_aio"
        iotype = "read"
        errno = "0"
        delay-ns = "5000000"
        suspend = "A"
        expect-fired = "on"
        [inject-corruption]
        event = "read_aio"
        iotype = "read"
        start = "10"
        nr_sectors = "1"
        chance = "50"
        [tear-write]
        event = "write_aio"
        sectors = "2"
        part = "last"
        then = "success"
        once = "on"
        [tear-write]
        event = "write_aio"
        [drop-write]
        event = "write_aio"
        occurrence = "2"
        state = "3"
        [misdirect-write]
        event = "write_aio"
        by = "-3"
        sector = "4"
        [stale-read]
        event = "read_aio"
        times = "2"
        [fail-flush]
        event = "flush_to_disk"
        mode = "lie"
        [cut-power]
        event = "write_aio"
        iotype = "write"
        occurrence = "7"
        survivors = "1-3,5"
        [bad-blocks]
        event = "none"
        start = "100"
        nr_sectors = "2"
        [inject-connection-fault]
        event = "nbd_reply"
        mode = "late-reply"
        delay-ns = "1000000000"
        """;
    IoRun run =
        IoRun.ours("io", IoCase.withRules("faults", rules, List.of("faults")), temp.resolve("a"));
    // The first column is as wide as the name of the directory makes it.
    assertThat(
            run.stdout().replace("{dir}/", "").replaceAll("(?m)^rule +", "rule" + " ".repeat(11)))
        .isEqualTo(
            """
            state: 1
            rule           event          does                                                         armed  events  requests  failed
            rules.conf:1   write_aio      ENOSPC to write that is done, 2 from the 3rd on              no          0         0       0
            rules.conf:8   read_aio       passes read, held as 'A', 5 ms late, must fire               no          0         0       0
            rules.conf:15  read_aio       flips 1 bit of read that touches sector 10, 50 %             no          0         0       0
            rules.conf:21  write_aio      tears write: the last 2 sectors, then success, once          no          0         0       0
            rules.conf:27  write_aio      tears write: half of its sectors, the first ones, then EIO   no          0         0       0
            rules.conf:29  write_aio      drops write,write-zeroes,discard, the 2nd, in state 3        no          0         0       0
            rules.conf:33  write_aio      moves write at sector 4 back by 3 sectors                    no          0         0       0
            rules.conf:37  read_aio       old data to read, the first 2                                no          0         0       0
            rules.conf:40  flush_to_disk  success to flush, nothing durable                            no          0         0       0
            rules.conf:43  write_aio      power cut at write (1-3,5 survive), the 7th                  no          0         0       0
            rules.conf:48  none           EIO to read that touches sectors 100 to 101 until rewritten  yes         0         0       0
            rules.conf:52  nbd_reply      late-reply to any request, 1 s                               no          0         0       0
            """);
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
