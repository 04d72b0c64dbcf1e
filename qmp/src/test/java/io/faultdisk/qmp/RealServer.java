package io.faultdisk.qmp;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** The real qemu-storage-daemon, with a monitor on a socket. */
final class RealServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/qemu-storage-daemon");

  private final Process process;
  private final Path socket;

  RealServer(Path directory) throws IOException {
    requireInstalled();
    socket = directory.resolve("real.sock");
    process =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--chardev",
                "socket,id=c,server=on,wait=off,path=" + socket,
                "--monitor",
                "c")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("real.log").toFile())
            .start();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::answers);
  }

  /** Skips the test that asks for it, saying so, where there is none. */
  static void requireInstalled() {
    if (!Files.isExecutable(PROGRAM)) {
      System.err.println("skipped: " + PROGRAM + " is not installed (qemu-system-common)");
    }
    Assumptions.assumeTrue(Files.isExecutable(PROGRAM), PROGRAM + " is not installed");
  }

  private boolean answers() {
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
