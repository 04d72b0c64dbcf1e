package io.faultdisk.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers as processes: in the background and in the foreground, ended by signals, started by
 * systemd.
 */
@Timeout(300)
class NbdIT {
  private static final Path ROOT = Path.of(System.getProperty("faultdisk.root"));
  private static final String OURS = ROOT.resolve("faultdisk").toString();
  private static final String COMPAT = ROOT.resolve("compat/qemu-nbd").toString();
  private static final int DEADLINE_SECONDS = 120;

  /** Opens a socket and becomes the program, as systemd does it. */
  private static final String ACTIVATE =
      """
      import os, socket, sys
      listening = socket.socket(socket.AF_UNIX)
      listening.bind(sys.argv[1])
      listening.listen(5)
      os.dup2(listening.fileno(), 3)
      os.set_inheritable(3, True)
      os.environ['LISTEN_PID'] = str(os.getpid())
      os.environ['LISTEN_FDS'] = sys.argv[2]
      os.execv(sys.argv[3], sys.argv[3:])
      """;

  @TempDir Path dir;
  private Path socket;
  private Path image;
  private Path pidFile;

  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void image() throws IOException {
    socket = dir.resolve("s");
    pidFile = dir.resolve("pid");
    image = Files.write(dir.resolve("d.raw"), new byte[1 << 20]);
  }

  @AfterEach
  void nothingStaysBehind() throws Exception {
    Optional<ProcessHandle> server = server();
    if (server.isPresent()) {
      server.get().destroyForcibly();
      server.get().onExit().get(DEADLINE_SECONDS, SECONDS);
    }
  }

  /** None if it has never run, or is gone and has taken the file with it. */
  private Optional<ProcessHandle> server() throws IOException {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  @Test
  void forkReturnsWhenTheServerTakesClientsAndSigtermFlushes() throws Exception {
    Outcome started = run(OURS, "nbd", "--fork", "--pid-file=" + pidFile, "-t");
    assertThat(started).isEqualTo(new Outcome(0, "", "")); // to the end of both streams
    assertThat(client("write -P 7 0 4k").code()).isZero();
    assertThat(client("read -P 7 0 4k").code()).isZero();

    ProcessHandle server = server().orElseThrow();
    server.destroy();
    server.onExit().get(DEADLINE_SECONDS, SECONDS);
    assertThat(socket).doesNotExist();
    assertThat(Files.readAllBytes(image)).startsWith(7, 7, 7);
  }

  @Test
  void aForkedServerEndsWithItsLastClient() throws Exception {
    assertThat(run(COMPAT, "--fork", "--pid-file=" + pidFile).code()).isZero();
    ProcessHandle server = server().orElseThrow();
    assertThat(client("read 0 4k").code()).isZero();
    server.onExit().get(DEADLINE_SECONDS, SECONDS);
    assertThat(socket).doesNotExist();
  }

  @Test
  void forkReportsWhatWentWrong() throws Exception {
    Files.delete(image);
    assertThat(run(COMPAT, "--fork", "--pid-file=" + pidFile))
        .isEqualTo(
            new Outcome(
                1,
                "",
                "qemu-nbd: Failed to blk_new_open '%s': Could not open '%s': No such file or directory\n"
                    .formatted(image, image)));
    assertThat(finish(start(COMPAT, "--fork", "--version")).out()).startsWith("qemu-nbd ");
    assertThat(finish(start(COMPAT, "-x", "--fork", "-k", "/nosuch/s", "x")).code()).isEqualTo(1);
  }

  @Test
  void aWarningMakesForkFailUnderTheNameOfQemu() throws Exception {
    String[] words = {"--fork", "--pid-file=" + pidFile, "-k", socket.toString(), image.toString()};
    List<String> call = new ArrayList<>(List.of(COMPAT));
    call.addAll(List.of(words));
    Outcome compat = finish(start(call.toArray(String[]::new)));
    assertThat(compat.err()).startsWith("WARNING: Image format was not specified");
    assertThat(compat.code()).isEqualTo(1);
    ProcessHandle server = server().orElseThrow();
    assertThat(client("read 0 4k").code()).isZero(); // it runs all the same, and ends now
    server.onExit().get(DEADLINE_SECONDS, SECONDS);
    call.set(0, OURS);
    call.add(1, "nbd");
    assertThat(finish(start(call.toArray(String[]::new))).code()).isZero();
  }

  @Test
  void signalsEndAServerInOrder() throws Exception {
    for (String signal : List.of("TERM", "INT", "HUP")) {
      Process server = serve("-t");
      assertThat(client("write -P 9 4k 4k").code()).isZero();
      Process kill = new ProcessBuilder("kill", "-" + signal, "" + server.pid()).start();
      assertThat(kill.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
      assertThat(finish(server)).as(signal).isEqualTo(new Outcome(0, "", ""));
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void whatWasFlushedSurvivesAKill() throws Exception {
    Path qcow2 = dir.resolve("d.qcow2");
    assertThat(main("img", "create", "-q", "-f", "qcow2", qcow2.toString(), "64M").code()).isZero();
    for (String format : List.of("raw", "qcow2")) {
      image = format.equals("raw") ? image : qcow2;
      Process server = serve(format, "-t");
      Outcome written =
          client("write -P 7 0 64k", "write -P 8 512k 1000", "flush", "write -f -P 9 256k 4k");
      assertThat(written.code()).as(written.toString()).isZero();
      server.destroyForcibly();
      assertThat(server.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
      List<String> reads = List.of("read -P 7 0 64k", "read -P 8 512k 1000", "read -P 9 256k 4k");
      List<String> call = new ArrayList<>(List.of("io", "-f", format));
      reads.forEach(read -> call.addAll(List.of("-c", read)));
      call.add(image.toString());
      Outcome read = main(call.toArray(String[]::new));
      assertThat(read.code()).as(read.toString()).isZero();
    }
  }

  @Test
  void systemdOpensTheSocket() throws Exception {
    Process server = activated("1", OURS, "nbd", "-f", "raw", image.toString());
    await()
        .atMost(Duration.ofSeconds(DEADLINE_SECONDS))
        .until(() -> client("read 0 4k").code() == 0);
    assertThat(finish(server)).isEqualTo(new Outcome(0, "", ""));
    Files.delete(socket); // it belongs to systemd
  }

  @Test
  void aSocketFromSystemdIsTheOnlyOne() throws Exception {
    Outcome both = finish(activated("1", COMPAT, "-p", "1", image.toString()));
    assertThat(both.err())
        .isEqualTo("qemu-nbd: TCP port number can't be set when using socket activation\n");
    Files.delete(socket);
    Outcome two = finish(activated("2", COMPAT, image.toString()));
    assertThat(two.err())
        .isEqualTo("qemu-nbd: qemu-nbd does not support socket activation with LISTEN_FDS > 1\n");
    Files.delete(socket);
    Outcome none =
        finish(start("/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" x", COMPAT));
    assertThat(none.err())
        .isEqualTo(
            "qemu-nbd: Socket activation failed: invalid file descriptor fd = 3: Bad file"
                + " descriptor\n");
  }

  private Process activated(String count, String... command) throws IOException {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/python3")), "python3 is not installed");
    List<String> call =
        new ArrayList<>(List.of("/usr/bin/python3", "-c", ACTIVATE, socket.toString(), count));
    call.addAll(List.of(command));
    return start(call.toArray(String[]::new));
  }

  /**
   * A server in the foreground that takes clients. Who started these tests may have had them ignore
   * signals, as {@code nohup} and {@code &} do; the server shall not.
   */
  private Process serve(String format, String... options) throws IOException {
    List<String> call = new ArrayList<>(List.of("/usr/bin/env", "--default-signal=INT,HUP"));
    call.addAll(List.of(OURS, "nbd", "-k", socket.toString()));
    call.addAll(List.of(options));
    call.addAll(List.of("-f", format, image.toString()));
    Process server = start(call.toArray(String[]::new));
    await()
        .atMost(Duration.ofSeconds(DEADLINE_SECONDS))
        .until(() -> !server.isAlive() || client("length").code() == 0);
    return server;
  }

  private Process serve(String option) throws IOException {
    return serve("raw", option);
  }

  /** Serves the raw image on the socket. */
  private Outcome run(String... words) throws Exception {
    List<String> call = new ArrayList<>(List.of(words));
    call.addAll(List.of("-k", socket.toString(), "-f", "raw", image.toString()));
    return finish(start(call.toArray(String[]::new)));
  }

  private Outcome client(String... commands) {
    List<String> call = new ArrayList<>(List.of("io", "-f", "raw"));
    for (String command : commands) {
      call.addAll(List.of("-c", command));
    }
    call.add("nbd+unix:///?socket=" + socket);
    return main(call.toArray(String[]::new));
  }

  private static Outcome main(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false);
    int code = Main.run(List.of(args), stdio);
    return new Outcome(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  private Process start(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    builder.environment().put("FAULTDISK_BUILD", "never"); // Maven is at it right now
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.start();
  }

  /** Small outputs only: both fit into their pipes. */
  private static Outcome finish(Process process) throws Exception {
    assertThat(process.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
    return new Outcome(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), UTF_8),
        new String(process.getErrorStream().readAllBytes(), UTF_8));
  }
}
