package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import io.faultdisk.testkit.RandomCases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What blklogwrites writes into its log, byte by byte, and which options are refused. */
final class LogWritesConformanceTest {
  private static final int BYTES = 1 << 20;

  @TempDir Path temp;

  @Test
  void randomRequestsGiveTheSameLog() {
    RandomCases.run(
        "log of random requests",
        25,
        random -> {
          int sector = random.nextBoolean() ? 512 : 4096;
          String options = sector == 512 ? "" : ",file.log-sector-size=" + sector;
          if (random.nextBoolean()) {
            options += ",file.log-super-update-interval=" + random.nextInt(1, 4);
          }
          compare(options, random.nextBoolean(), requests(random, sector), Map.of());
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",file.log-append=on",
        ",file.log-sector-size=1000",
        ",file.log-sector-size=256",
        ",file.log-sector-size=16M",
        ",file.log-super-update-interval=0",
        ",file.log-append=on,file.log-sector-size=512",
        ",file.nonsense=1"
      })
  void optionsAreTakenAndRefusedLikeTheRealOnes(String options) {
    compare(options, true, List.of("write -P 1 0 512", "flush", "write -z 4k 4k"), Map.of());
  }

  @Test
  void logThatIsThereIsContinued() {
    Workbench bench = bench();
    Map<String, byte[]> files = Map.of("disk.raw", new byte[BYTES], "log", new byte[0]);
    bench.setTo(files);
    var unused =
        bench.real(
            List.of(ToolCall.io(List.of("-t", "writeback", "--image-opts"), "write 0 4k")),
            disk(""));
    Map<String, byte[]> first = bench.files();
    compare(",file.log-append=on", true, List.of("write -P 2 0 4k", "discard 0 8k"), first);
  }

  private static List<String> requests(RandomGenerator random, int sector) {
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int offset = random.nextInt(BYTES / sector - 20) * sector;
      int bytes = random.nextInt(1, 20) * sector;
      int pattern = random.nextInt(256);
      requests.add(
          switch (random.nextInt(8)) {
            case 0 -> "flush";
            case 1 -> "write -f -P " + pattern + " " + offset + " " + bytes;
            case 2 -> "write -z " + offset + " " + bytes;
            case 3 -> "write -z -u " + offset + " " + bytes;
            case 4 -> "discard " + offset + " " + bytes;
            case 5 -> "write -P " + pattern + " " + (offset + 100) + " " + random.nextInt(1, 3000);
            case 6 -> "write -z " + (offset + 100) + " " + random.nextInt(1, 3000);
            default -> "write -P " + pattern + " " + offset + " " + bytes;
          });
    }
    return requests;
  }

  private void compare(
      String options, boolean writeback, List<String> commands, Map<String, byte[]> start) {
    Workbench bench = bench();
    Map<String, byte[]> files =
        start.isEmpty() ? Map.of("disk.raw", new byte[BYTES], "log", new byte[0]) : start;
    String mode = writeback ? "writeback" : "writethrough";
    List<ToolCall> calls =
        List.of(
            ToolCall.io(
                List.of("-t", mode, "-d", "unmap", "--image-opts"),
                commands.toArray(new String[0])));
    bench.setTo(files);
    var real = bench.real(calls, disk(options));
    var realFiles = bench.files();
    bench.setTo(files);
    var ours = bench.ours(calls, disk(options));
    assertThat(ours).as("%s", commands).isEqualTo(real);
    assertThat(new ArrayList<>(Workbench.differing(realFiles, bench.files())))
        .as("files that differ after %s with '%s'", commands, options)
        .isEmpty();
  }

  private Workbench bench() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    return new Workbench(temp.resolve("dir"));
  }

  private static String disk(String options) {
    return "driver=raw,file.driver=blklogwrites,file.file.driver=file,"
        + "file.file.filename={dir}/disk.raw,file.log.driver=file,file.log.filename={dir}/log"
        + options;
  }
}
