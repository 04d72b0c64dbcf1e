package io.faultdisk.explore.disk.command;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.explore.disk.DiskUnderTest;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.nbd.server.Sockets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A disk that this process serves on a socket. For one thread; clients come as they like. */
final class ServedDisk implements AutoCloseable {
  /** A program that is done, or killed, has nothing in flight that anybody waits for. */
  private static final long DRAIN_MILLIS = 1000;

  private static final long HANDSHAKE_MILLIS = 10_000;

  private final BlockGraph graph;
  private final NbdServer server;
  private final Path socket;

  /** Opens the disk and serves it. */
  ServedDisk(DiskUnderTest disk, List<DriverType> usual, Path socket) throws MountFailure {
    this.socket = socket;
    this.graph = new BlockGraph(disk.drivers(usual), new ServerTurns(), text -> {});
    ServerLimits limits = ServerLimits.DEFAULT.withTimes(HANDSHAKE_MILLIS, DRAIN_MILLIS);
    this.server = new NbdServer(limits, Optional.empty(), text -> {});
    boolean done = false;
    try {
      disk.watch(graph);
      BlockBackend image = graph.open(Optional.empty(), disk.options(), OpenFlags.TOOL);
      image.writeThrough(false);
      server.add(new Export(image, Export.Settings.named("")));
      server.listen(Sockets.unix(socket));
      done = true;
    } catch (UsageException | BlockIoException failed) {
      throw new MountFailure("the disk cannot be opened: " + failed.getMessage());
    } catch (IOException failed) {
      throw new MountFailure("the disk cannot be served: " + failed.getMessage());
    } finally {
      if (!done) {
        close();
      }
    }
  }

  String uri() {
    return "nbd+unix:///?socket=" + socket;
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    server.close();
    graph.close();
  }
}
