package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quorum: what three children make of reads and writes, and which options are refused. */
final class QuorumConformanceTest {
  private static final int BYTES = 1 << 16;

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vote-threshold=2",
        "vote-threshold=3",
        "vote-threshold=2,read-pattern=fifo",
        "vote-threshold=2,rewrite-corrupted=on",
        "vote-threshold=4",
        "vote-threshold=0",
        "read-pattern=any,vote-threshold=1",
        "vote-threshold=2,nonsense=1"
      })
  void readsAndWritesLikeTheRealOne(String options) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(temp.resolve("dir"));
    Map<String, byte[]> files = Map.of("a.raw", filled(1), "b.raw", filled(1), "c.raw", filled(2));
    StringBuilder disk = new StringBuilder("driver=quorum,").append(options);
    for (int i = 0; i < 3; i++) {
      String child = ",children." + i;
      disk.append(child).append(".driver=raw");
      disk.append(child).append(".file.driver=file");
      disk.append(child).append(".file.filename={dir}/").append("abc".charAt(i)).append(".raw");
    }
    List<ToolCall> calls =
        List.of(
            ToolCall.io(
                List.of("--image-opts"),
                "read -P 1 0 4k",
                "write -P 7 8k 4k",
                "read -P 7 8k 4k",
                "write -z 12k 4k",
                "read -P 0 12k 4k",
                "info",
                "length"));
    bench.setTo(files);
    var real = bench.real(calls, disk.toString());
    var realFiles = bench.files();
    bench.setTo(files);
    var ours = bench.ours(calls, disk.toString());
    assertThat(ours).isEqualTo(real);
    assertThat(new ArrayList<>(Workbench.differing(realFiles, bench.files()))).isEmpty();
  }

  private static byte[] filled(int value) {
    byte[] content = new byte[BYTES];
    Arrays.fill(content, (byte) value);
    return content;
  }
}
