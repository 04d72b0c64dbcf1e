package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The alignment of a file past the page cache when it is opened anew in another mode. */
final class DirectReopenConformanceTest {
  private static final String DISK = "{dir}/disk.raw";

  /** Not a multiple of what always works, 4096. */
  private static final int BYTES = 4608;

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "-r -t none, reopen -w",
    "-t none, reopen -r",
    "-t none, reopen -c writeback",
    "-r -t none, reopen -c writeback -w",
    "-r, reopen -w -c none",
    "-t writeback, reopen -c none"
  })
  void isTheOneOfTheRealOne(String options, String reopen) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(temp.resolve("dir"));
    byte[] data = new byte[BYTES];
    Arrays.fill(data, (byte) 7);
    Map<String, byte[]> before = Map.of("disk.raw", data);
    List<ToolCall> calls =
        List.of(
            ToolCall.io(
                List.of((options + " -f raw").split(" ")), reopen, "write -P 205 512 2917"));
    bench.setTo(before);
    List<ToolOutput> real = bench.real(calls, DISK);
    Map<String, byte[]> realFiles = bench.files();
    bench.setTo(before);
    assertThat(bench.ours(calls, DISK)).isEqualTo(real);
    assertThat(Workbench.differing(realFiles, bench.files())).isEmpty();
  }
}
