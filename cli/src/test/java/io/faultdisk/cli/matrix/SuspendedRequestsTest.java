package io.faultdisk.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A write is held in the middle of its allocation while others want the same cluster, the one
 * beside it, and data that have nothing to do with it; then it goes on. The real tools and ours
 * leave the same image, and all that was written is there.
 *
 * <p>In which order the writes end after that depends on the real tool's threads, so lines are
 * compared as a set.
 */
final class SuspendedRequestsTest {
  private static final String FILE = "{dir}/disk.qcow2";
  private static final String BASE = "{dir}/base.qcow2";

  @TempDir Path temp;

  private static ToolCall create(String name, String... more) {
    List<String> args = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
    args.addAll(List.of(more));
    args.add(name);
    return ToolCall.img(args.toArray(String[]::new));
  }

  private static ToolCall fill(String name) {
    return new ToolCall("qemu-io", List.of("-f", "qcow2", "-c", "write -q -P 9 0 1M", name));
  }

  private static List<ToolCall> image(String kind) {
    return switch (kind) {
      case "empty" -> List.of(ToolCall.img("create", "-q", "-f", "qcow2", FILE, "1M"));
      case "overlay" ->
          List.of(
              ToolCall.img("create", "-q", "-f", "qcow2", BASE, "1M"),
              fill(BASE),
              create(FILE, "-b", "base.qcow2", "-F", "qcow2"));
      case "subclusters" ->
          List.of(
              ToolCall.img("create", "-q", "-f", "qcow2", BASE, "1M"),
              fill(BASE),
              create(FILE, "-o", "extended_l2=on", "-b", "base.qcow2", "-F", "qcow2"));
      case "snapshot" ->
          List.of(
              ToolCall.img("create", "-q", "-f", "qcow2", FILE, "1M"),
              fill(FILE),
              ToolCall.img("snapshot", "-c", "before", FILE));
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static ToolCall requests(String event) {
    return ToolCall.io(
        "break " + event + " A",
        "aio_write -P 1 4608 1k",
        "wait_break A",
        "aio_write -P 2 12800 1k",
        "aio_write -P 3 64k 8k",
        "aio_write -P 4 260k 8k",
        "resume A",
        "aio_flush",
        "read -P 1 4608 1k",
        "read -P 2 12800 1k",
        "read -P 3 64k 8k",
        "read -P 4 260k 8k");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "empty pwritev",
        "empty l2_alloc_write",
        "empty l1_update",
        "empty cluster_alloc",
        "empty write_aio",
        "empty l2_update",
        "overlay l2_alloc_write",
        "overlay cluster_alloc",
        "overlay cow_read",
        "overlay cow_write",
        "overlay write_aio",
        "overlay l2_update",
        "subclusters cow_read",
        "subclusters cow_write",
        "subclusters l2_update",
        "snapshot cow_read",
        "snapshot cow_write",
        "snapshot l2_update",
        "snapshot l2_alloc_cow_read"
      })
  void othersGoOn(String held) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(),
        "qemu-img and qemu-io are not installed (Debian: apt install qemu-utils)");
    String[] words = held.split(" ");
    Workbench bench = new Workbench(temp.resolve("dir"));
    bench.setTo(Map.of());
    for (ToolOutput output : bench.real(image(words[0]), "")) {
      assertThat(output.exitCode()).as("setup: %s", output).isZero();
    }
    Map<String, byte[]> before = bench.files();
    List<ToolCall> calls = List.of(requests(words[1]), ToolCall.img("check", FILE));
    String disk = "blkdebug::" + FILE;
    List<ToolOutput> real = bench.real(calls, disk);
    bench.setTo(before);
    List<ToolOutput> ours = bench.ours(calls, disk);
    assertThat(ours.getFirst().toString()).contains("Suspended request 'A'");
    assertThat(ours.getFirst().toString()).doesNotContain("verification failed");
    for (int i = 0; i < calls.size(); i++) {
      assertThat(sorted(ours.get(i))).as(calls.get(i).toString()).isEqualTo(sorted(real.get(i)));
    }
  }

  private static List<String> sorted(ToolOutput output) {
    return output.toString().lines().sorted().toList();
  }
}
