package io.faultdisk.cli.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients see of an image that our {@code nbd} and the installed qemu-nbd serve with the same
 * command line: {@code nbdinfo} and both tools' {@code --list} print the same about both.
 */
final class ExportConformanceTest {
  private static final int DEADLINE_SECONDS = 60;
  private static final Pattern CONTEXT = Pattern.compile("\"((?:base|qemu):[^\"]*)\"");

  @TempDir Path dir;

  @BeforeEach
  void images() throws Exception {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-nbd is not installed (Debian: apt install qemu-utils)");
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/nbdinfo")),
        "nbdinfo is not installed (Debian: apt install libnbd-bin)");
    try (RandomAccessFile raw = new RandomAccessFile(dir.resolve("d.raw").toFile(), "rw")) {
      raw.setLength(1 << 20);
      raw.seek(256 << 10);
      raw.write(new byte[] {1, 2, 3});
    }
    Files.write(dir.resolve("odd.raw"), "x".repeat(1000).getBytes(StandardCharsets.UTF_8));
    make("qemu-img", "create", "-q", "-f", "qcow2", "{dir}/base.qcow2", "2M");
    make("qemu-io", "-c", "write 0 64k", "-c", "write 1M 128k", "{dir}/base.qcow2");
    make("qemu-img", "bitmap", "--add", "-g", "64k", "{dir}/base.qcow2", "b1");
    make("qemu-img", "bitmap", "--add", "-g", "64k", "{dir}/base.qcow2", "b2");
    make("qemu-img", "snapshot", "-c", "one", "{dir}/base.qcow2");
    make("qemu-io", "-c", "write 64k 64k", "-c", "write -z 1M 64k", "{dir}/base.qcow2");
    make("qemu-img", "bitmap", "--disable", "{dir}/base.qcow2", "b2");
    String top = "{dir}/top.qcow2";
    make("qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", top, "3M");
    make("qemu-io", "-c", "write 192k 64k", "-c", "write -z 1088k 64k", top);
    Files.writeString(dir.resolve("rules"), "[inject-error]\nevent = \"l1_update\"\n");
  }

  private void make(String tool, String... args) {
    ToolOutput output = Tools.real(new ToolCall(tool, List.of(args)).in(dir.toString(), ""), dir);
    assertThat(output.exitCode()).as(output.toString()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-f raw {dir}/d.raw",
        "-f raw -r {dir}/d.raw",
        "-f raw -e 0 {dir}/d.raw",
        "-f raw -e 5 -r {dir}/d.raw",
        "-f raw -o 65536 {dir}/d.raw",
        "-f raw -o 1048576 {dir}/d.raw",
        "-f raw {dir}/odd.raw",
        "-f raw -r -o 512 {dir}/odd.raw",
        "-f raw --cache=none {dir}/d.raw",
        "-f raw -s -A {dir}/d.raw",
        "-f qcow2 -A {dir}/top.qcow2",
        "-f qcow2 -r -A {dir}/top.qcow2",
        "-f qcow2 -s -A {dir}/top.qcow2",
        "-f qcow2 -s -r -A -B b1 {dir}/top.qcow2",
        "-f qcow2 -o 65536 -A {dir}/top.qcow2",
        "-f qcow2 -A -B b1 -B b2 {dir}/base.qcow2",
        "-f qcow2 -r -B b2 -B b1 {dir}/base.qcow2",
        "-f qcow2 -B b1 -B b1 {dir}/base.qcow2",
        "-f qcow2 -l one -A -B b1 {dir}/base.qcow2",
        "-f qcow2 -l snapshot.name=one {dir}/base.qcow2",
        "-f qcow2 -r -B b1 {dir}/top.qcow2",
        "-f qcow2 -x name -D text --discard=unmap --detect-zeroes=unmap {dir}/top.qcow2",
        "-f qcow2 -A blkdebug:{dir}/rules:{dir}/top.qcow2",
        "--image-opts -A driver=qcow2,file.driver=blkdebug,file.image.filename={dir}/top.qcow2",
      })
  void clientsSeeTheSame(String words) throws Exception {
    List<String> args = new ArrayList<>(List.of("-t"));
    args.addAll(List.of(words.replace("{dir}", dir.toString()).split(" ")));
    Path socket = dir.resolve("s");
    Map<String, String> real;
    try (RunningServer server = RunningServer.real(socket, args)) {
      real = whatClientsSee(server);
    }
    try (RunningServer server = RunningServer.ours(socket, args)) {
      assertThat(whatClientsSee(server)).isEqualTo(real);
    }
  }

  private Map<String, String> whatClientsSee(RunningServer server) throws Exception {
    Map<String, String> seen = new TreeMap<>();
    String uri = server.uri();
    String all = run("nbdinfo", "--json", "--list", uri);
    seen.put("list", all);
    Matcher name = Pattern.compile("\"export-name\": \"(.+)\"").matcher(all);
    if (name.find()) {
      uri = uri.replace(":///", ":///" + name.group(1));
    }
    seen.put("info", run("nbdinfo", "--json", uri));
    Matcher contexts = CONTEXT.matcher(all);
    while (contexts.find()) {
      String context = contexts.group(1);
      seen.put(context, run("nbdinfo", "--map=" + context, uri));
    }
    ToolCall list = new ToolCall("qemu-nbd", List.of("-L", "-k", server.socket().toString()));
    ToolOutput listed = Tools.real(list, dir);
    seen.put("-L", listed.toString());
    assertThat(Tools.ours(list, dir)).isEqualTo(listed);
    return seen;
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path out = dir.resolve("out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return "exit " + process.exitValue() + "\n" + Files.readString(out);
  }
}
