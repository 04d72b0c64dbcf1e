package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.bitmap.DirtyBitmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients that come with libnbd, against a server in this process. */
@Timeout(120)
class LibnbdTest {
  @TempDir Path directory;

  /** Runs a tool that must succeed; what it prints. Skipped if it is not installed. */
  private static String run(String... command) throws IOException, InterruptedException {
    Path program = Path.of("/usr/bin", command[0]);
    if (!Files.isExecutable(program)) {
      System.err.println("skipped: no " + program);
    }
    Assumptions.assumeTrue(Files.isExecutable(program), "no " + program);
    List<String> all = new ArrayList<>(List.of(command));
    all.set(0, program.toString());
    ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
    builder.environment().put("PATH", "/usr/bin:/bin"); // nbdsh wants the system's Python
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static String shell(ServedImage served, String... lines) throws Exception {
    List<String> command = new ArrayList<>(List.of("nbdsh", "-c", "h.set_strict_mode(0)"));
    for (String line : lines) {
      command.add("-c");
      command.add(line.replace("URI", "\"" + served.uri() + "\""));
    }
    return run(command.toArray(new String[0]));
  }

  @Test
  void nbdinfoShowsTheExports() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      served.add(Export.Settings.named("second").withDescription("hello").withReadOnly(true));
      assertThat(run("nbdinfo", served.uri()))
          .contains("protocol: newstyle-fixed without TLS, using structured packets")
          .contains("export-size: 1048576 (1M)")
          .contains("base:allocation")
          .contains("is_read_only: false")
          .contains("can_multi_conn: true")
          .contains("can_fast_zero: true");
      assertThat(run("nbdinfo", "--list", served.uri()))
          .contains("export=\"\"")
          .contains("export=\"second\"")
          .contains("description: hello")
          .contains("is_read_only: true");
      assertThat(run("nbdinfo", "--map", served.uri())).contains("hole,zero");
    }
  }

  @Test
  void nbdcopyCopiesOutAndIn() throws Exception {
    byte[] data = new byte[8 << 20];
    new Random(5).nextBytes(data);
    Path source = Files.write(directory.resolve("source"), data);
    Path copy = directory.resolve("copy");
    try (ServedImage served = ServedImage.memory("8M")) {
      run("nbdcopy", "--flush", source.toString(), served.uri());
      run("nbdcopy", "--connections=4", "--requests=64", served.uri(), copy.toString());
      assertThat(Files.mismatch(source, copy)).isEqualTo(-1);
    }
  }

  @Test
  void nbdshSpeaksEveryCommand() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      String output =
          shell(
              served,
              "h.add_meta_context(\"base:allocation\")",
              "h.connect_uri(URI)",
              "print(h.get_size(), h.get_structured_replies_negotiated())",
              "h.pwrite(b'x' * 8192, 4096, nbd.CMD_FLAG_FUA)",
              "h.zero(4096, 4096, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FAST_ZERO)",
              "h.trim(65536, 65536)",
              "h.cache(65536, 0)",
              "h.flush()",
              "print(h.pread(4, 8190, nbd.CMD_FLAG_DF))",
              "h.block_status(131072, 0, lambda *a: print(a[0], a[2]))",
              "h.block_status(131072, 0, lambda *a: print(a[0], a[2]), nbd.CMD_FLAG_REQ_ONE)");
      assertThat(output)
          .contains("1048576 True")
          .contains("bytearray(b'\\x00\\x00xx')")
          .contains("base:allocation [65536, 0, 65536, 3]")
          .contains("base:allocation [65536, 0]");
    }
  }

  @Test
  void nbdshSeesDirtyBitmapsAndDepth() throws Exception {
    DirtyBitmap bitmap = new DirtyBitmap("b", 1 << 20, 65536);
    bitmap.set(65536, 1);
    try (ServedImage served =
        ServedImage.memory(
            "1M",
            "",
            ServerLimits.DEFAULT,
            settings -> settings.withAllocationDepth(true).withBitmaps(List.of(bitmap)))) {
      assertThat(run("nbdinfo", "--map=qemu:dirty-bitmap:b", served.uri())).contains("dirty");
      assertThat(run("nbdinfo", "--map=qemu:allocation-depth", served.uri())).contains("local");
    }
  }

  @Test
  void nbdshReportsErrors() throws Exception {
    String rules = ",inject-error.0.event=write_aio,inject-error.0.errno=28";
    try (ServedImage served =
        ServedImage.memory("1M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      Map<String, String> errors =
          Map.of(
              "h.pwrite(b'x' * 512, 0)", "ENOSPC",
              "h.pread(512, 1 << 20)", "EINVAL",
              "h.pwrite(b'x' * 512, 1 << 20)", "ENOSPC");
      for (Map.Entry<String, String> error : errors.entrySet()) {
        String script =
            "h.connect_uri(URI)\ntry:\n  "
                + error.getKey()
                + "\nexcept nbd.Error as e:\n  print(e.errno)";
        assertThat(shell(served, script)).contains(error.getValue());
      }
    }
  }
}
