package io.faultdisk.cli.tls;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.call.Tools;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Our qemu-nbd in this process, on a Unix socket, until it is closed. */
final class OurServer implements AutoCloseable {
  private final Thread thread;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /**
   * Starts it.
   *
   * @param where the options about sockets
   */
  OurServer(List<String> where, Path image, List<String> options) {
    List<String> args =
        new ArrayList<>(List.of("qemu-nbd", "-f", "raw", "-x", "e", "-e", "9", "-t"));
    args.addAll(where);
    args.addAll(options);
    args.add(image.toString());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    thread =
        new Thread(
            () ->
                Main.run(args, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false)));
    thread.start();
  }

  static OurServer onSocket(Path socket, Path image, List<String> options) {
    OurServer server = new OurServer(List.of("-k", socket.toString()), image, options);
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> Tools.listens(socket) || !server.thread.isAlive());
    return server;
  }

  /** What it has said. */
  String messages() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
