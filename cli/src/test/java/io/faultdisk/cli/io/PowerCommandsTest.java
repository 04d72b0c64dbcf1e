package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoCase;
import io.faultdisk.cli.IoRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power cuts by command, on a write-cache node; qemu-io has nothing of the kind. */
final class PowerCommandsTest {
  private static final String CACHED =
      "driver=raw,file.driver=write-cache,file.file.driver=file,file.file.filename={dir}/disk.raw";

  @TempDir Path temp;

  private IoRun io(String options, String... commands) {
    List<String> args = new ArrayList<>(List.of("-t", "writeback", "--image-opts", options));
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    IoCase run = new IoCase("power", Map.of("disk.raw", IoCase.Content.zeroes(65536)), args, "");
    return IoRun.ours("io", run, temp.resolve("case"));
  }

  @Test
  void onlyTheSurvivorsAreThereAfterACut() {
    IoRun run =
        io(
            CACHED,
            "write -q -P 1 0 4k",
            "flush",
            "write -q -P 2 0 4k",
            "write -q -P 3 1k 1k",
            "write -q -P 4 8k 512",
            "unsynced-data-report",
            "power status",
            "power cut 2,1[2-7]",
            "power status",
            "read -q 0 512",
            "write -q 0 512",
            "power cut",
            "power restore",
            "power status",
            "read -q -P 1 0 1k",
            "read -q -P 2 1k 3k",
            "read -q -P 0 8k 512");
    assertThat(run.stdout())
        .isEqualTo(
            """
            3 writes since the last flush, 4608 bytes
            4096 bytes at 0
            512 bytes at 8192
            power is on
            power is off: of 3 writes since the last flush 2,1[2-7] survive
            power is off
            read failed: Input/output error
            write failed: Input/output error
            power is off already
            power is on
            """);
    assertThat(run.stderr()).isEmpty();
    assertThat(run.exitCode()).as("the two requests without power").isEqualTo(1);
  }

  @Test
  void writesSinceTheLastFlushAreLostOrMadeDurable() {
    IoRun run =
        io(
            CACHED,
            "write -q -P 1 0 4k",
            "checkpoint",
            "write -q -P 2 0 4k",
            "lose-unfsynced-writes",
            "read -q -P 1 0 4k",
            "unsynced-data-report",
            "power cut all");
    assertThat(run.stdout())
        .isEqualTo(
            """
            0 writes since the last flush, 0 bytes
            power is off: everything was durable
            """);
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void randomSurvivorsRepeatWithTheirSeed() {
    String[] commands = {"write -q 0 4k", "write -q 4k 4k", "write -q 8k 4k", "power cut random 7"};
    IoRun first = io(CACHED, commands);
    assertThat(first.stdout()).startsWith("power is off: of 3 writes since the last flush ");
    assertThat(io(CACHED, commands).stdout()).isEqualTo(first.stdout());
  }

  @Test
  void imageThatIsClosedWithoutPowerHoldsWhatTheCutLeft() {
    IoRun run =
        io(
            CACHED,
            "write -q -P 1 0 4k",
            "power cut none",
            "close",
            "open driver=raw,file.driver=file,file.filename={dir}/disk.raw",
            "read -q -P 0 0 4k");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void mistakesSaySo() {
    IoRun run = io(CACHED, "power cut some", "power off", "power restore now", "power cut all x");
    assertThat(run.stderr())
        .contains("'some' does not say what survives")
        .contains("'x' is not a seed");
    assertThat(run.stdout())
        .isEqualTo(
            """
            power cut [SURVIVORS [SEED]] | restore | status -- cuts the power of the disk, restores it, or says how things are
            power cut [SURVIVORS [SEED]] | restore | status -- cuts the power of the disk, restores it, or says how things are
            """);
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void anImageWithoutCacheHasNoSwitch() {
    IoRun run = io("driver=raw,file.driver=file,file.filename={dir}/disk.raw", "power cut");
    assertThat(run.stdout())
        .isEqualTo(
            "no power switch: this image has no write-cache node"
                + " (open driver=write-cache,file.driver=...)\n");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void qemuDoesNotHaveThem() {
    IoRun run =
        IoRun.ours(IoCase.withRules("power", "", List.of("power cut")), temp.resolve("case"));
    assertThat(run.stderr()).isEqualTo("command \"power\" not found\n");
  }
}
