package io.faultdisk.cli.img;

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

/** Sizes in hexadecimal with a suffix: taken, with as many warnings as the real one has. */
final class SizeWarningsConformanceTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create -f qcow2 -o cluster_size=0x1k {dir}/a 1M",
        "create -f qcow2 -o cluster_size=0x20k,cluster_size=0x10k {dir}/a 1M",
        "create -f qcow2 -o extent_size_hint=0x100k,cluster_size=0x10k,size=0x400k {dir}/a",
        "create -f qcow2 -o cluster_size=0x11k {dir}/a 1M",
        "create -f qcow2 -o cluster_size=0x10k,nonsense=1 {dir}/a 1M",
        "create -f qcow2 -o cluster_size=0x10kx {dir}/a 1M",
        "create -f qcow2 -o size=0x10k {dir}/a 1M",
        "create -f raw -o size=0x400k,extent_size_hint=0x100k {dir}/a",
        "convert -O qcow2 -o cluster_size=0x10k {dir}/disk {dir}/a",
        "measure -O qcow2 -o cluster_size=0x10k --size 1M",
      })
  void areThoseOfTheRealOne(String call) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(temp.resolve("dir"));
    Map<String, byte[]> before = Map.of("disk", new byte[1 << 16]);
    List<ToolCall> calls = List.of(ToolCall.img(call.split(" ")));
    bench.setTo(before);
    List<ToolOutput> real = bench.real(calls, "");
    bench.setTo(before);
    assertThat(bench.ours(calls, "")).isEqualTo(real);
  }
}
