package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The copy-on-read and compress filters over an overlay: what they store, and how they open. */
final class CopyOnReadConformanceTest {
  private static final String TOP = "{dir}/top.qcow2";

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=copy-on-read,file.driver=qcow2,file.file.filename=" + TOP,
        "driver=copy-on-read,file.driver=blkdebug,file.image.driver=qcow2,"
            + "file.image.file.filename="
            + TOP
            + ",file.inject-error.0.event=cor_write,file.inject-error.0.sector=160",
        "driver=copy-on-read,file.driver=raw,file.file.filename=" + TOP,
        "driver=copy-on-read,file.driver=qcow2,read-only=on,file.file.filename=" + TOP,
        "driver=copy-on-read,file.filename=" + TOP + ",nonsense=1",
        "driver=compress,file.driver=qcow2,file.file.filename=" + TOP,
        "driver=compress,file.driver=raw,file.file.filename=" + TOP
      })
  void storesWhatTheRealOneStores(String disk) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(temp.resolve("dir"));
    bench.setTo(Map.of());
    List<ToolCall> setup =
        List.of(
            ToolCall.img("create", "-q", "-f", "qcow2", "{dir}/base.qcow2", "1M"),
            new ToolCall(
                "qemu-io",
                List.of("-f", "qcow2", "-c", "write -q -P 9 64k 64k", "{dir}/base.qcow2")),
            ToolCall.img("create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", TOP));
    for (ToolOutput output : bench.real(setup, "")) {
      assertThat(output.exitCode()).as("setup: %s", output).isZero();
    }
    Map<String, byte[]> before = bench.files();
    List<ToolCall> calls =
        List.of(
            ToolCall.io(
                List.of("--image-opts"),
                "info",
                "read 0 0",
                "read 80k 1k",
                "read 200k 512",
                "write -P 3 256k 64k",
                "map"));
    List<ToolOutput> real = bench.real(calls, disk);
    Map<String, byte[]> realFiles = bench.files();
    bench.setTo(before);
    List<ToolOutput> ours = bench.ours(calls, disk);
    assertThat(ours).isEqualTo(real);
    assertThat(Workbench.differing(realFiles, bench.files())).isEmpty();
  }
}
