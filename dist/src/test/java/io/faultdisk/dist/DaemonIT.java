package io.faultdisk.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Scanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The storage daemon as a process: in the background, and ended by signals. */
@Timeout(300)
class DaemonIT {
  private static final Path ROOT = Path.of(System.getProperty("faultdisk.root"));
  private static final String OURS = ROOT.resolve("faultdisk").toString();
  private static final String COMPAT = ROOT.resolve("compat/qemu-storage-daemon").toString();
  private static final int DEADLINE_SECONDS = 120;

  @TempDir Path dir;

  private record Outcome(int code, String out, String err) {}

  @AfterEach
  void nothingStaysBehind() throws Exception {
    Optional<ProcessHandle> daemon = daemon();
    if (daemon.isPresent()) {
      daemon.get().destroyForcibly();
      daemon.get().onExit().get(DEADLINE_SECONDS, SECONDS);
    }
  }

  private Optional<ProcessHandle> daemon() throws IOException {
    Path pidFile = dir.resolve("pid");
    return Files.exists(pidFile)
        ? ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
        : Optional.empty();
  }

  @Test
  void daemonizeReturnsWhenMonitorsTakeClientsAndSigtermEndsIt() throws Exception {
    Outcome started = run(OURS, "daemon", "--daemonize");
    assertThat(started).isEqualTo(new Outcome(0, "", "")); // to the end of both streams
    assertThat(greeting()).contains("\"package\": \"faultdisk ");
    ProcessHandle daemon = daemon().orElseThrow();
    daemon.destroy();
    daemon.onExit().get(DEADLINE_SECONDS, SECONDS);
    assertThat(dir.resolve("pid")).doesNotExist();
    assertThat(dir.resolve("qmp")).doesNotExist();
  }

  @Test
  void daemonizeReportsWhatWentWrong() throws Exception {
    assertThat(run(COMPAT, "--daemonize", "--blockdev", "foo"))
        .isEqualTo(
            new Outcome(
                1,
                "",
                "qemu-storage-daemon: --blockdev foo: Parameter 'driver' does not accept value"
                    + " 'foo'\n"));
    // The word that looks like an option is the argument of the one before it.
    assertThat(run(COMPAT, "--object", "--daemonize").code()).isEqualTo(1);
    assertThat(run(COMPAT, "--daemonize", "--version").out()).startsWith("qemu-storage-daemon ");
  }

  private String greeting() throws IOException {
    try (SocketChannel channel =
            SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("qmp")));
        Scanner lines = new Scanner(Channels.newInputStream(channel), UTF_8)) {
      return lines.nextLine();
    }
  }

  private Outcome run(String... words) throws Exception {
    List<String> call = new ArrayList<>(List.of(words));
    call.addAll(
        List.of(
            "--chardev",
            "socket,id=c,path=" + dir.resolve("qmp") + ",server=on,wait=off",
            "--monitor",
            "c",
            "--pidfile",
            dir.resolve("pid").toString()));
    ProcessBuilder builder = new ProcessBuilder(call).directory(dir.toFile());
    builder.environment().put("FAULTDISK_BUILD", "never"); // Maven is at it right now
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    assertThat(process.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
    return new Outcome(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), UTF_8),
        new String(process.getErrorStream().readAllBytes(), UTF_8));
  }
}
