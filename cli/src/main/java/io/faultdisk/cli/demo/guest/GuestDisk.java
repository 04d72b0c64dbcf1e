package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Messages;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.daemon.ExportRequest;
import io.faultdisk.daemon.NbdServerRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.nio.file.Path;

/**
 * A guest's disk, served by a daemon in this process. One thread opens and closes it; the rest from
 * any.
 */
public final class GuestDisk implements AutoCloseable {
  private static final String ROOT = "root";

  private final StorageDaemon daemon;
  private final Path socket;

  private GuestDisk(StorageDaemon daemon, Path socket) {
    this.daemon = daemon;
    this.socket = socket;
  }

  /**
   * Opens an image and serves it.
   *
   * @param options of the image, as after {@code --image-opts}, with a blkdebug in it
   * @param socket where
   * @param messages takes what the user should know
   */
  public static GuestDisk serve(String options, Path socket, Messages messages)
      throws UsageException {
    StorageDaemon daemon =
        new StorageDaemon(
            Dialect.FAULTDISK,
            objects -> Drivers.all(Dialect.FAULTDISK, objects),
            messages,
            (image, command) -> ""); // there is no monitor that could ask for it
    boolean done = false;
    try {
      Options root = Options.parse(options, warning -> {});
      root.put("node-name", ROOT);
      daemon.addNode(root);
      daemon.startNbdServer(NbdServerRequest.at(new ListenAddress.Unix(socket.toString())));
      daemon.addExport(ExportRequest.of("guest", ROOT).withName("").withWritable(true));
      done = true;
      return new GuestDisk(daemon, socket);
    } finally {
      if (!done) {
        daemon.close();
      }
    }
  }

  /** Where clients find it. */
  public String uri() {
    return "nbd+unix:///?socket=" + socket;
  }

  /** Who serves it. */
  public StorageDaemon daemon() {
    return daemon;
  }

  /** Its faults. */
  public FaultEngine engine() {
    return daemon.disks().all().getFirst().node().driver().engine().orElseThrow();
  }

  /** Lets go what is held, flushes and closes. Idempotent. */
  @Override
  public void close() {
    daemon.close();
  }
}
