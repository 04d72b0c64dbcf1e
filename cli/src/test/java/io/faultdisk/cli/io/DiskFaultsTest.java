package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoCase;
import io.faultdisk.cli.IoRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the rules that QEMU does not have do to a disk, as a user sees it; one by one. */
final class DiskFaultsTest {
  @TempDir Path temp;

  private IoRun io(String rules, String... commands) {
    IoCase plain = IoCase.withRules("rules", rules, List.of(commands));
    List<String> args = new ArrayList<>(List.of("-t", "writeback"));
    args.addAll(plain.args());
    IoCase cached = new IoCase(plain.name(), plain.files(), args, "");
    return IoRun.ours("io", cached, temp.resolve("case"));
  }

  /** What is printed when nothing goes to standard error. */
  private String out(String rules, String... commands) {
    IoRun run = io(rules, commands);
    assertThat(run.stderr()).isEmpty();
    return run.stdout();
  }

  @Test
  void requestThatFailsAfterwardsIsDone() {
    assertThat(
            out(
                """
                [inject-error]
                event = "write_aio"
                errno = "ENOSPC"
                when = "after"
                once = "on"
                """,
                "write -q -P 1 0 512",
                "read -q -P 1 0 512",
                "faults receipts"))
        .isEqualTo(
            """
            write failed: No space left on device
            1. {dir}/rules.conf:1 [inject-error] on write_aio: write of 512 bytes at 0 in epoch 0: failed after it was done; client got ENOSPC
            """);
  }

  @Test
  void readThatFailsAfterwardsShowsNothing() {
    assertThat(
            out(
                """
                [inject-error]
                event = "read_aio"
                when = "after"
                """,
                "write -q -P 1 0 512",
                "read 0 512"))
        .isEqualTo("read failed: Input/output error\n");
  }

  @Test
  void delayedRequestSucceedsLateWhileOthersGoOn() {
    assertThat(
            out(
                """
                [inject-error]
                event = "write_aio"
                errno = "0"
                delay-ns = "30000000"
                iotype = "write"
                start = "0"
                nr_sectors = "1"
                """,
                "aio_write -q -P 1 0 512",
                "aio_write -q -P 2 4k 512",
                "read -q -P 2 4k 512",
                "read -q -P 0 0 512",
                "aio_flush",
                "read -q -P 1 0 512",
                "faults receipts"))
        .isEqualTo(
            "1. {dir}/rules.conf:1 [inject-error] on write_aio: write of 512 bytes at 0 in epoch 0:"
                + " waited 30000000 ns; client got ok\n");
  }

  @Test
  void delayedRequestFailsLate() {
    assertThat(
            out(
                """
                [inject-error]
                event = "read_aio"
                errno = "EIO"
                delay-ns = "1000000"
                """,
                "read 0 512",
                "faults receipts"))
        .isEqualTo(
            """
            read failed: Input/output error
            1. {dir}/rules.conf:1 [inject-error] on read_aio: read of 512 bytes at 0 in epoch 0: waited 1000000 ns, failed; client got EIO
            """);
  }

  @Test
  void corruptionOfAReadIsTransient() {
    assertThat(
            out(
                """
                [inject-corruption]
                event = "read_aio"
                bits = "1"
                start = "1"
                nr_sectors = "1"
                once = "on"
                """,
                "read -q -P 0 0 512",
                "read -P 0 0 4k",
                "read -q -P 0 0 4k",
                "faults receipts"))
        .startsWith("Pattern verification failed at offset 0, 4096 bytes\n")
        .endsWith(
            "1. {dir}/rules.conf:1 [inject-corruption] on read_aio: read of 4096 bytes at 0 in"
                + " epoch 0: flipped 1 bit; client got ok\n");
  }

  @Test
  void corruptionOfAWriteIsStored() {
    String rules =
        """
        [inject-corruption]
        event = "write_aio"
        iotype = "write"
        bits = "2"
        offset = "1024"
        bytes = "1"
        once = "on"
        """;
    assertThat(out(rules, "write -q -P 0 0 4k", "read -v 1024 1", "read -q -P 0 1025 3071"))
        .containsPattern("00000400: +[1-9a-f]?[0-9a-f]*")
        .doesNotContain("00000400:  00 ");
    assertThat(io(rules, "write -q -P 0 0 4k", "read -q -P 0 1024 1").exitCode()).isEqualTo(1);
  }

  @Test
  void onlySomeSectorsOfATornWriteAreStored() {
    assertThat(
            out(
                """
                [tear-write]
                event = "write_aio"
                then = "success"
                """,
                "write -q -P 1 0 4k",
                "read -q -P 1 0 2k",
                "read -q -P 0 2k 2k"))
        .isEmpty();
    assertThat(
            out(
                """
                [tear-write]
                event = "write_aio"
                part = "last"
                sectors = "1"
                errno = "ENOSPC"
                """,
                "write -q -P 1 0 4k",
                "read -q -P 0 0 3584",
                "read -q -P 1 3584 512",
                "faults receipts"))
        .isEqualTo(
            """
            write failed: No space left on device
            1. {dir}/rules.conf:1 [tear-write] on write_aio: write of 4096 bytes at 0 in epoch 0: stored only 512 bytes at 3584; client got ENOSPC
            """);
  }

  @Test
  void powerThatGoesWithATornWriteLeavesItsSectorsOnly() {
    assertThat(
            out(
                """
                [tear-write]
                event = "write_aio"
                sectors = "2"
                occurrence = "2"
                then = "power-cut"
                """,
                "write -q -P 1 0 4k",
                "write -q -P 2 1k 4k",
                "read 0 512",
                "power restore",
                "read -q -P 0 0 1k",
                "read -q -P 2 1k 1k",
                "read -q -P 0 2k 4k"))
        .isEqualTo("write failed: Input/output error\nread failed: Input/output error\n");
  }

  @Test
  void droppedWriteIsAcknowledgedAndNotStored() {
    assertThat(
            out(
                """
                [drop-write]
                event = "write_aio"
                start = "0"
                nr_sectors = "1"
                """,
                "write -q -P 1 0 512",
                "write -q -P 2 512 512",
                "read -q -P 0 0 512",
                "read -q -P 2 512 512",
                "faults receipts"))
        .isEqualTo(
            "1. {dir}/rules.conf:1 [drop-write] on write_aio: write of 512 bytes at 0 in epoch 0:"
                + " stored nothing; client got ok\n");
  }

  @Test
  void misdirectedWriteLandsElsewhere() {
    assertThat(
            out(
                """
                [misdirect-write]
                event = "write_aio"
                by = "8"
                """,
                "write -q -P 1 0 512",
                "write -q -P 1 1048064 512",
                "read -q -P 0 0 512",
                "read -q -P 1 4k 512",
                "faults receipts"))
        .isEqualTo(
            """
            1. {dir}/rules.conf:1 [misdirect-write] on write_aio: write of 512 bytes at 0 in epoch 0: stored 512 bytes at 4096 instead; client got ok
            2. {dir}/rules.conf:1 [misdirect-write] on write_aio: write of 512 bytes at 1048064 in epoch 0: stored nothing: the place is outside the disk; client got ok
            """);
  }

  /** From some distance on, how far behind the end that is does not fit into 31 bits. */
  @ParameterizedTest
  @ValueSource(strings = {"to = \"6291456\"", "by = \"6291456\"", "to = \"18014398509481983\""})
  void misdirectedFarBehindTheEndIsLost(String where) {
    assertThat(
            out(
                "[misdirect-write]\nevent = \"write_aio\"\n" + where + "\n",
                "write -q -P 1 0 512",
                "read -q -P 0 0 512",
                "faults receipts"))
        .endsWith("stored nothing: the place is outside the disk; client got ok\n");
  }

  @Test
  void staleReadReturnsWhatWasThereBefore() {
    assertThat(
            out(
                """
                [stale-read]
                event = "read_aio"
                occurrence = "2"
                times = "1"
                """,
                "write -q -P 1 0 2k",
                "write -q -P 2 512 512",
                "read -q -P 2 512 512",
                "read -v 0 1k",
                "read -q -P 2 512 512",
                "faults receipts"))
        .contains("00000000:  00 00 00 00")
        .contains("00000200:  01 01 01 01")
        .endsWith(
            "read of 1024 bytes at 0 in epoch 0: read what was there before; client got ok\n");
  }

  private static String failFlush(String mode) {
    return """
    [fail-flush]
    event = "flush_to_disk"
    once = "on"
    mode = "%s"
    """
        .formatted(mode);
  }

  @Test
  void whatAFailingFlushDropsIsReadButNeverDurable() {
    assertThat(
            out(
                failFlush("drop"),
                "write -q -P 1 0 512",
                "flush",
                "read -q -P 1 0 512",
                "flush",
                "power cut all",
                "power restore",
                "read -q -P 0 0 512",
                "faults receipts"))
        .isEqualTo(
            """
            power is off: everything was durable
            1. {dir}/rules.conf:1 [fail-flush] on flush_to_disk: flush in epoch 0: dropped what was not flushed; client got EIO
            """);
    assertThat(io(failFlush("drop"), "write -q 0 512", "flush").exitCode()).isEqualTo(1);
  }

  @Test
  void whatAFailingFlushKeepsIsDurableWithTheNext() {
    assertThat(
            out(
                failFlush("keep"),
                "write -q -P 1 0 512",
                "flush",
                "read -q -P 1 0 512",
                "flush",
                "faults receipts"))
        .isEqualTo(
            "1. {dir}/rules.conf:1 [fail-flush] on flush_to_disk: flush in epoch 0: flushed"
                + " nothing, kept it; client got EIO\n");
  }

  @Test
  void whatAFlushLiesAboutIsGoneWithThePower() {
    IoRun run =
        io(
            failFlush("lie"),
            "write -q -P 1 0 512",
            "flush",
            "read -q -P 1 0 512",
            "write -q -P 2 4k 512",
            "flush",
            "power cut",
            "power restore",
            "read -q -P 0 0 512",
            "read -q -P 2 4k 512",
            "faults receipts");
    assertThat(run.stdout())
        .isEqualTo(
            """
            power is off: everything was durable
            1. {dir}/rules.conf:1 [fail-flush] on flush_to_disk: flush in epoch 0: dropped what was not flushed; client got ok
            """);
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void ruleCutsThePowerAndSaysWhatSurvives() {
    assertThat(
            out(
                """
                [cut-power]
                event = "write_aio"
                start = "100"
                nr_sectors = "1"
                survivors = "2"
                """,
                "write -q -P 1 0 512",
                "flush",
                "write -q -P 2 0 512",
                "write -q -P 3 512 512",
                "write -q -P 4 50k 512",
                "power status",
                "power restore",
                "read -q -P 1 0 512",
                "read -q -P 3 512 512",
                "read -q -P 0 50k 512",
                "faults receipts"))
        .isEqualTo(
            """
            write failed: Input/output error
            power is off
            1. {dir}/rules.conf:1 [cut-power] on write_aio: write of 512 bytes at 51200 in epoch 1: cut the power, survivors: 2; client got EIO
            """);
  }

  @Test
  void badBlocksHealWhenTheyAreRewritten() {
    assertThat(
            out(
                """
                [bad-blocks]
                event = "read_aio"
                start = "1"
                nr_sectors = "2"
                """,
                "read -q 0 4k",
                "write -q -P 1 512 512",
                "read -q 0 1k",
                "read -q 1k 512",
                "write -q -P 1 1k 512",
                "read -q 0 4k"))
        .isEqualTo("read failed: Input/output error\nread failed: Input/output error\n");
  }

  @Test
  void ruleFileThatQemuCouldReadNeedsNoCache() {
    assertThat(out("[inject-error]\nevent = \"read_aio\"\n", "power status"))
        .startsWith("no power switch");
  }

  @Test
  void ruleThatNeverFiredFailsTheRun() {
    String rules =
        """
        [inject-error]
        event = "read_aio"
        expect-fired = "on"
        """;
    IoRun without = io(rules, "write -q 0 512");
    assertThat(without.stderr())
        .isEqualTo(
            "faultdisk io: rule {dir}/rules.conf:1 [inject-error] on read_aio never fired\n");
    assertThat(without.exitCode()).isEqualTo(1);
    assertThat(io(rules, "read -q 0 512").stderr()).isEmpty();
  }

  @Test
  void qcow2WhosePowerGoesAtAnyWriteIsFoundInOrder() {
    for (int occurrence = 1; occurrence <= 6; occurrence++) {
      String image = temp.resolve("image" + occurrence).toString();
      assertThat(img("create", "-q", "-f", "qcow2", image, "1M")).isZero();
      IoRun run =
          IoRun.ours(
              "io",
              new IoCase(
                  "qcow2",
                  Map.of(
                      "rules.conf",
                      IoCase.Content.text(
                          """
                          [cut-power]
                          event = "none"
                          iotype = "write"
                          survivors = "random"
                          seed = "7"
                          occurrence = "%d"
                          expect-fired = "on"
                          """
                              .formatted(occurrence))),
                  List.of(
                      "-t",
                      "writeback",
                      "--image-opts",
                      "driver=qcow2,file.driver=blkdebug,file.config={dir}/rules.conf,"
                          + "file.image.driver=file,file.image.filename="
                          + image,
                      "-c",
                      "write -q -P 1 0 64k",
                      "-c",
                      "flush",
                      "-c",
                      "write -q -P 2 64k 64k",
                      "-c",
                      "write -q -P 3 0 4k",
                      "-c",
                      "flush"),
                  ""),
              temp.resolve("case"));
      assertThat(run.stderr()).as("cut at write %d", occurrence).doesNotContain("never fired");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(img("check", "-q", image)).as("cut at write %d", occurrence).isIn(0, 3);
    }
  }

  private int img(String... args) {
    return IoRun.ours("img", new IoCase("img", Map.of(), List.of(args), ""), temp.resolve("case"))
        .exitCode();
  }

  @Test
  void errorOfTheDiskItselfIsWhatTheClientGets() {
    assertThat(
            out(
                """
                [inject-corruption]
                event = "read_aio"

                [bad-blocks]
                event = "read_aio"
                start = "0"
                nr_sectors = "1"
                """,
                "read 0 512",
                "faults receipts"))
        .contains("[inject-corruption] on read_aio: read of 512 bytes at 0 in epoch 0: flipped");
    String two =
        "driver=raw,file.driver=blkdebug,file.inject-corruption.0.event=read_aio,"
            + "file.image.driver=blkdebug,file.image.inject-error.0.event=none,"
            + "file.image.inject-error.0.iotype=read,file.image.inject-error.0.errno=28,"
            + "file.image.image.driver=memory,file.image.image.size=1M";
    IoRun run =
        IoRun.ours(
            "io",
            new IoCase(
                "two",
                Map.of(),
                List.of("--image-opts", two, "-c", "read 0 512", "-c", "faults receipts"),
                ""),
            temp.resolve("case"));
    assertThat(run.stderr()).isEmpty();
    assertThat(run.stdout())
        .startsWith("read failed: No space left on device\n1. ")
        .endsWith(
            "[inject-corruption] on read_aio: read of 512 bytes at 0 in epoch 0: the disk itself"
                + " failed; client got ENOSPC\n");
  }

  @Test
  void imgFailsTooIfARuleNeverFired() {
    IoCase info =
        new IoCase(
            "info",
            Map.of(
                "disk.raw",
                IoCase.Content.zeroes(65536),
                "rules.conf",
                IoCase.Content.text(
                    "[inject-error]\nevent = \"write_aio\"\nexpect-fired = \"on\"\n")),
            List.of("info", "-f", "raw", "blkdebug:{dir}/rules.conf:{dir}/disk.raw"),
            "");
    IoRun run = IoRun.ours("img", info, temp.resolve("case"));
    assertThat(run.stderr())
        .isEqualTo(
            "faultdisk img: rule {dir}/rules.conf:1 [inject-error] on write_aio never fired\n");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void cacheBelowIsTheOneWhosePowerGoes() {
    String disk =
        "driver=raw,file.driver=blkdebug,file.cut-power.0.event=none,file.cut-power.0.iotype=flush,"
            + "file.cut-power.0.survivors=1,file.image.driver=write-cache,"
            + "file.image.file.driver=memory,file.image.file.size=1M";
    List<String> args = new ArrayList<>(List.of("-t", "writeback", "--image-opts", disk));
    for (String command :
        List.of(
            "write -q -P 1 0 512",
            "write -q -P 2 512 512",
            "flush",
            "power status",
            "power restore",
            "read -q -P 1 0 512",
            "read -q -P 0 512 512")) {
      args.add("-c");
      args.add(command);
    }
    IoRun run = IoRun.ours("io", new IoCase("below", Map.of(), args, ""), temp.resolve("case"));
    assertThat(run.stdout()).isEqualTo("power is off\n");
    assertThat(run.stderr()).isEmpty();
  }

  @Test
  void receiptsGoToAFile() throws IOException {
    IoCase plain =
        IoCase.withRules(
            "receipts", "[inject-error]\nevent = \"read_aio\"\n", List.of("read 0 512"));
    List<String> args =
        List.of(
            "--image-opts",
            "driver=raw,file.driver=blkdebug,file.config={dir}/rules.conf,"
                + "file.receipts={dir}/receipts,file.image.filename={dir}/disk.raw",
            "-c",
            "read 512 512");
    var _ = IoRun.ours("io", new IoCase("receipts", plain.files(), args, ""), temp.resolve("case"));
    assertThat(
            Files.readString(temp.resolve("case/receipts")).replaceAll("\"time\": \"[^\"]*\"", "T"))
        .isEqualTo(
            "{\"number\": 1, T, \"rule\": \""
                + temp.resolve("case")
                + "/rules.conf:1\", \"kind\": \"inject-error\", \"event\": \"read_aio\", \"op\":"
                + " \"read\", \"offset\": 512, \"bytes\": 512, \"epoch\": 0, \"effect\":"
                + " \"failed\", \"result\": \"EIO\"}\n");
  }
}
