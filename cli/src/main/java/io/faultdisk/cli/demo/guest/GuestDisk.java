package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.nbd.server.Sockets;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A guest's disk, served by this process. One thread opens and closes it; the rest from any. */
public final class GuestDisk implements AutoCloseable {
  /** A guest that was killed waits for nothing. */
  private static final long DRAIN_MILLIS = 1000;

  private static final long HANDSHAKE_MILLIS = 60_000;

  private final BlockGraph graph;
  private final NbdServer server;
  private final BlockBackend image;
  private final Path socket;

  private GuestDisk(BlockGraph graph, NbdServer server, BlockBackend image, Path socket) {
    this.graph = graph;
    this.server = server;
    this.image = image;
    this.socket = socket;
  }

  /**
   * Opens an image and serves it.
   *
   * @param options of the image, as after {@code --image-opts}, with a blkdebug in it
   * @param socket where; it must not exist
   */
  public static GuestDisk serve(String options, Path socket) throws UsageException {
    BlockGraph graph =
        new BlockGraph(Drivers.all(Dialect.FAULTDISK), new ServerTurns(), text -> {});
    ServerLimits limits = ServerLimits.DEFAULT.withTimes(HANDSHAKE_MILLIS, DRAIN_MILLIS);
    NbdServer server = new NbdServer(limits, Optional.empty(), text -> {});
    boolean done = false;
    try {
      BlockBackend image =
          graph.open(Optional.empty(), Options.parse(options, warning -> {}), OpenFlags.TOOL);
      image.writeThrough(false);
      server.add(new Export(image, Export.Settings.named("")));
      server.listen(Sockets.unix(socket));
      done = true;
      return new GuestDisk(graph, server, image, socket);
    } catch (BlockIoException e) {
      throw new UsageException("Cannot open the disk: " + e.reason());
    } catch (IOException e) {
      throw new UsageException("Cannot serve the disk on '" + socket + "': " + e.getMessage());
    } finally {
      if (!done) {
        server.close();
        graph.close();
      }
    }
  }

  /** Where clients find it. */
  public String uri() {
    return "nbd+unix:///?socket=" + socket;
  }

  /** Its faults. */
  public FaultEngine engine() {
    return image.engine().orElseThrow();
  }

  /** Lets go what is held, flushes and closes. Idempotent. */
  @Override
  public void close() {
    engine().resumeAll();
    server.close();
    graph.close();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      // It disturbs nobody but the next one to serve a disk there, who will be told.
    }
  }
}
