package io.faultdisk.cli.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A server that has been started with a command line and takes clients. For one thread. */
final class RunningServer implements AutoCloseable {
  private static final int DEADLINE_SECONDS = 60;

  private final Path socket;
  private final FutureTask<Integer> exitCode;
  private final Runnable stop;

  private RunningServer(Path socket, Callable<Integer> run, Runnable stop) {
    this.socket = socket;
    this.exitCode = new FutureTask<>(run);
    this.stop = stop;
  }

  /** Ours as qemu-nbd, in a thread of this JVM; closing it interrupts that. */
  static RunningServer ours(Path socket, List<String> args) {
    return ours("qemu-nbd", socket, args);
  }

  /** The same under one of its names. */
  static RunningServer ours(String name, Path socket, List<String> args) {
    List<String> call = call(name, socket, args);
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), errors, errors, false);
    Thread[] thread = new Thread[1];
    RunningServer server =
        new RunningServer(
            socket,
            () -> {
              int code = Main.run(call, stdio);
              Thread.interrupted(); // has done what it was for
              return code;
            },
            () -> thread[0].interrupt());
    thread[0] = new Thread(server.exitCode, "server");
    thread[0].setDaemon(true);
    thread[0].start();
    return server.started(() -> errors.toString(StandardCharsets.UTF_8));
  }

  /** The installed one; closing it sends SIGTERM. */
  static RunningServer real(Path socket, List<String> args) throws IOException {
    Path log = socket.resolveSibling("log");
    Process process =
        new ProcessBuilder(call("qemu-nbd", socket, args))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    RunningServer server = new RunningServer(socket, process::waitFor, process::destroy);
    Thread waiting = new Thread(server.exitCode, "server");
    waiting.setDaemon(true);
    waiting.start();
    return server.started(() -> Files.readString(log));
  }

  private static List<String> call(String tool, Path socket, List<String> args) {
    List<String> call = new ArrayList<>(List.of(tool, "-k", socket.toString()));
    call.addAll(args);
    return call;
  }

  private RunningServer started(Callable<String> log) {
    await("the server, or its end")
        .atMost(Duration.ofSeconds(DEADLINE_SECONDS))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> exitCode.isDone() || listens());
    if (exitCode.isDone()) {
      try {
        throw new AssertionError("the server has ended: " + log.call());
      } catch (Exception e) {
        throw new AssertionError("the server has ended", e);
      }
    }
    return this;
  }

  /** A client that leaves before it has chosen an export does not count. */
  private boolean listens() {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return client.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  Path socket() {
    return socket;
  }

  String uri() {
    return "nbd+unix:///?socket=" + socket;
  }

  boolean hasEnded() {
    return exitCode.isDone();
  }

  /** Waits for the end. */
  int exitCode() throws Exception {
    return exitCode.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    stop.run();
    assertThat(exitCode()).isZero();
    assertThat(socket).doesNotExist();
  }
}
