package io.faultdisk.cli.tls;

import io.faultdisk.cli.call.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** The real qemu-nbd on a Unix socket, serving an image as export {@code e} until it is closed. */
final class RealServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/qemu-nbd");

  private final Process process;

  private RealServer(Process process) {
    this.process = process;
  }

  /** Skips the test if there is no qemu-nbd. */
  static RealServer start(Path root, Path socket, Path image, List<String> options)
      throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      System.err.println("skipped: no " + PROGRAM);
    }
    Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "no " + PROGRAM);
    List<String> command =
        new ArrayList<>(List.of(PROGRAM.toString(), "-f", "raw", "-x", "e", "-e", "9", "-t", "-k"));
    command.add(socket.toString());
    command.addAll(options);
    command.add(image.toString());
    Path log = root.resolve("server.log");
    Process process =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    RealServer server = new RealServer(process);
    boolean ready = false;
    try {
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> Tools.listens(socket) || !process.isAlive());
      if (!process.isAlive()) {
        throw new AssertionError(Files.readString(log, StandardCharsets.UTF_8));
      }
      ready = true;
      return server;
    } finally {
      if (!ready) {
        server.close();
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
