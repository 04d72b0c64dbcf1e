package io.faultdisk.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code compat/qemu-io} and {@code compat/qemu-img}, started as a script starts them, against the
 * installed tools: a sample of what the in-process tests compare by the thousand. Standard output
 * and error, exit code and image agree.
 */
class CompatIT {
  private static final Path OURS =
      Path.of(System.getProperty("faultdisk.root"), "compat", "qemu-io");
  private static final Path REAL = Path.of("/usr/bin/qemu-io");
  private static final Path OUR_IMG =
      Path.of(System.getProperty("faultdisk.root"), "compat", "qemu-img");
  private static final Path REAL_IMG = Path.of("/usr/bin/qemu-img");
  private static final int DEADLINE_SECONDS = 120;

  @TempDir Path scratch;

  private record Outcome(int code, String out, String err, String image) {}

  private record Sample(String rules, List<String> commands) {}

  static List<Sample> samples() {
    String readOnce = "[inject-error]\nevent = \"read_aio\"\nerrno = \"28\"\nonce = \"on\"\n";
    String sector = "[inject-error]\nevent = \"read_aio\"\nsector = \"10\"\n";
    String chain =
        "[set-state]\nevent = \"read_aio\"\nstate = \"1\"\nnew_state = \"2\"\n"
            + "[set-state]\nevent = \"read_aio\"\nstate = \"2\"\nnew_state = \"3\"\n"
            + "[inject-error]\nevent = \"read_aio\"\nstate = \"3\"\n";
    String flush = "[inject-error]\nevent = \"flush_to_disk\"\niotype = \"flush\"\n";
    return List.of(
        new Sample(readOnce, List.of("read 0 512", "read -P 0 0 512", "write -P 7 1k 3k")),
        new Sample(sector, List.of("read 4608 512", "read 5120 512", "read 4608 513", "map")),
        new Sample(chain, List.of("read 0 1k", "read 0 1k", "read 0 1k", "length")),
        new Sample(flush, List.of("write -z 4k 4k", "flush", "discard 0 8k", "truncate 512k")),
        new Sample(
            "",
            List.of(
                "break write_aio A",
                "break write_aio A",
                "aio_write -P 3 0 512",
                "wait_break A",
                "resume A",
                "resume A",
                "aio_flush",
                "resume A")),
        new Sample("[inject-error]\nevent = \"bogus\"\n", List.of("read 0 512")),
        new Sample("", List.of("nonsense", "read", "read 0 1kk", "write -u 0 512", "help nosuch")));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void doesWhatTheInstalledToolDoes(Sample sample) throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(REAL), "qemu-io is not installed (Debian: apt install qemu-utils)");
    assertThat(run(OURS, sample)).isEqualTo(run(REAL, sample));
  }

  private Outcome run(Path tool, Sample sample) throws Exception {
    Path image = Files.write(scratch.resolve("disk.img"), new byte[1 << 20]);
    Path rules = Files.writeString(scratch.resolve("rules.conf"), sample.rules());
    List<String> call = new ArrayList<>(List.of(tool.toString(), "-f", "raw"));
    for (String command : sample.commands()) {
      call.addAll(List.of("-c", command));
    }
    call.add("blkdebug:" + rules + ":" + image);
    return run(call, image);
  }

  @Test
  void imageCommandsDoWhatTheInstalledToolDoes() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(REAL_IMG), "qemu-img is not installed (Debian: apt install qemu-utils)");
    assertThat(runImageCommands(OUR_IMG)).isEqualTo(runImageCommands(REAL_IMG));
  }

  private List<Outcome> runImageCommands(Path tool) throws Exception {
    Path image = scratch.resolve("disk.qcow2");
    Path copy = scratch.resolve("copy.raw");
    Files.deleteIfExists(image);
    Files.deleteIfExists(copy);
    List<Outcome> outcomes = new ArrayList<>();
    for (List<String> arguments :
        List.of(
            List.of("create", "-f", "qcow2", "-o", "cluster_size=4k", image.toString(), "1M"),
            List.of("resize", image.toString(), "+1M"),
            List.of("check", image.toString()),
            List.of("map", "--output=json", image.toString()),
            List.of("convert", "-O", "raw", image.toString(), copy.toString()),
            List.of("compare", image.toString(), copy.toString()),
            List.of("info", "--nonsense", image.toString()),
            List.of("snapshot", "-a", "none", image.toString()))) {
      List<String> call = new ArrayList<>(List.of(tool.toString()));
      call.addAll(arguments);
      outcomes.add(run(call, image));
    }
    return outcomes;
  }

  private Outcome run(List<String> call, Path image) throws Exception {
    Path out = scratch.resolve("out");
    Path err = scratch.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(call);
    builder.environment().put("FAULTDISK_BUILD", "never"); // Maven is at it right now
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    CRC32C content = new CRC32C();
    content.update(Files.readAllBytes(image));
    String masked = Files.readString(out, UTF_8).replaceAll("( ops; ).*", "$1T");
    return new Outcome(
        process.exitValue(),
        masked,
        Files.readString(err, UTF_8),
        Long.toHexString(content.getValue()));
  }
}
