package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoCase;
import io.faultdisk.cli.IoRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code replay-log} on a log that {@code io} has written. */
final class ReplayLogTest {
  @TempDir Path temp;

  private Path log;
  private Path copy;

  @BeforeEach
  void record() throws IOException {
    log = temp.resolve("log");
    copy = temp.resolve("copy");
    Files.createFile(log);
    Files.write(copy, new byte[65536]);
    List<String> args =
        new ArrayList<>(
            List.of(
                "-t",
                "writeback",
                "-d",
                "unmap",
                "--image-opts",
                "driver=raw,file.driver=blklogwrites,file.file.driver=file,"
                    + "file.file.filename={dir}/disk.raw,file.log.driver=file,file.log.filename="
                    + log));
    for (String command :
        List.of(
            "write -q -P 1 0 4k",
            "flush",
            "mark one",
            "write -q -P 2 0 4k",
            "write -q -z 8k 4k",
            "mark two",
            "discard -q 0 512",
            "write -q -P 3 16k 4k",
            "flush")) {
      args.add("-c");
      args.add(command);
    }
    IoRun run =
        IoRun.ours(
            "io",
            new IoCase("record", Map.of("disk.raw", IoCase.Content.zeroes(65536)), args, ""),
            temp.resolve("case"));
    assertThat(run.stdout() + run.stderr()).isEmpty();
  }

  private IoRun replay(String... args) {
    List<String> all = new ArrayList<>(List.of("--log", log.toString()));
    all.addAll(Arrays.asList(args));
    return IoRun.ours("replay-log", new IoCase("replay", Map.of(), all, ""), temp.resolve("empty"));
  }

  private byte[] content(Path file, int offset, int bytes) throws IOException {
    return Arrays.copyOfRange(Files.readAllBytes(file), offset, offset + bytes);
  }

  private static byte[] filled(int value, int bytes) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) value);
    return data;
  }

  @Test
  void whatTheLogIs() {
    assertThat(replay().stdout()).isEqualTo("version 1, sectors of 512 bytes, 9 entries\n");
    assertThat(replay("--num-entries").stdout()).isEqualTo("9\n");
    assertThat(replay("--find", "--end-mark", "two").stdout()).isEqualTo("5@31\n");
    assertThat(replay("--find", "--next-flush", "--start-mark", "one").stdout())
        .isEqualTo("8@42\n");
  }

  @Test
  void wholeLogGivesTheDisk() throws IOException {
    IoRun run = replay("--replay", copy.toString(), "-v");
    assertThat(run.stdout())
        .isEqualTo(
            """
            0@1 write of 4096 bytes at 0
            1@10 flush
            2@11 mark 'one'
            3@12 write of 4096 bytes at 0
            4@21 write of 4096 bytes at 8192
            5@30 mark 'two'
            6@31 discard of 512 bytes at 0
            7@32 write of 4096 bytes at 16384
            8@41 flush
            replayed 9 entries
            """);
    assertThat(run.exitCode()).isZero();
    assertThat(content(copy, 0, 512)).isEqualTo(filled(0, 512));
    assertThat(content(copy, 512, 3584)).isEqualTo(filled(2, 3584));
    assertThat(content(copy, 16384, 4096)).isEqualTo(filled(3, 4096));
  }

  @Test
  void replayStopsAtAMarkAndGoesOnBehindIt() throws IOException {
    assertThat(replay("--replay", copy.toString(), "--end-mark", "one").stdout())
        .isEqualTo("replayed 3 entries\n");
    assertThat(content(copy, 0, 4096)).isEqualTo(filled(1, 4096));
    assertThat(replay("--replay", copy.toString(), "--start-mark", "one", "--no-discard").stdout())
        .isEqualTo("replayed 6 entries\n");
    assertThat(content(copy, 0, 4096)).isEqualTo(filled(2, 4096));
  }

  @Test
  void checkRunsWhenItIsDueAndItsFailureNamesTheEntry() {
    IoRun good = replay("--replay", copy.toString(), "--check", "flush", "--fsck", "echo checked");
    assertThat(good.stdout()).isEqualTo("checked\nchecked\nreplayed 9 entries\n");
    IoRun bad = replay("--replay", copy.toString(), "--check", "4", "--fsck", "exit 3");
    assertThat(bad.stderr())
        .isEqualTo(
            "faultdisk: the check failed with exit code 3 after entry 3, write of 4096 bytes at 0,"
                + " at byte 6144 of the log\n");
    assertThat(bad.exitCode()).isEqualTo(1);
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    assertThat(replay("--replay", copy.toString(), "--end-mark", "three").stderr())
        .isEqualTo("faultdisk: Log '" + log + "' has no mark 'three': replayed to its end\n");
    assertThat(replay("--fsck", "true").stderr()).contains("--fsck and --check need each other");
    assertThat(replay("--check", "x", "--fsck", "true").stderr())
        .contains("--check takes flush, fua, mark or a number from 1, not 'x'");
    assertThat(replay("--replay", temp.resolve("none").toString()).stderr())
        .isEqualTo(
            "faultdisk: Could not open '"
                + temp.resolve("none")
                + "': No such file or directory\n");
    assertThat(replay("--replay", copy.toString(), "--limit", "-3").stderr())
        .contains("--limit: -3 is less than 0");
    assertThat(replay("--find", "--start-entry", "-1").stderr())
        .contains("--start-entry: -1 is less than 0");
    Files.write(copy, new byte[512]);
    assertThat(replay("--replay", copy.toString()).stderr())
        .isEqualTo(
            "faultdisk: Entry 0 does not fit: write of 4096 bytes at 0, and the disk has 512"
                + " bytes\n");
    Files.write(log, new byte[10]);
    assertThat(replay("--num-entries").stderr()).contains("is no log of writes");
    assertThat(replay("--num-entries").exitCode()).isEqualTo(1);
  }
}
