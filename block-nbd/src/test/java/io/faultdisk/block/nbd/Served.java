package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Our server in this process: at the far end, or as a proxy in front of it. */
final class Served implements AutoCloseable {
  private final Path socket;
  private final BlockGraph graph;
  private final BlockBackend image;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private NbdServer server;

  private Served(Path socket, String options) throws IOException, UsageException {
    this.socket = socket;
    graph =
        new BlockGraph(
            List.of(
                new RawType(),
                new MemoryType(),
                new NbdType(),
                new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
            new ServerTurns(),
            log::add);
    image =
        graph.open(Optional.empty(), Options.parse(options, warning -> {}), RemoteDisk.WRITEBACK);
    server = start();
  }

  private NbdServer start() throws IOException {
    NbdServer fresh =
        new NbdServer(ServerLimits.DEFAULT.withTimes(10_000, 200), Optional.empty(), log::add);
    fresh.add(new Export(image, Export.Settings.named("")));
    fresh.listen(Sockets.unix(socket));
    return fresh;
  }

  /** A disk in memory behind rules. */
  static Served memory(Path socket, String size) throws IOException, UsageException {
    return new Served(
        socket, "driver=raw,file.driver=blkdebug,file.image.driver=memory,file.image.size=" + size);
  }

  /**
   * Rules in front of another server.
   *
   * @param options more of them, each after a comma
   */
  static Served proxy(Path socket, Path far, String options) throws IOException, UsageException {
    return new Served(
        socket,
        "driver=raw,file.driver=blkdebug,file.image.driver=nbd,file.image.server.type=unix"
            + ",file.image.server.path="
            + far
            + options);
  }

  Path socket() {
    return socket;
  }

  BlockBackend image() {
    return image;
  }

  FaultEngine engine() {
    return image.engine().orElseThrow();
  }

  NbdServer server() {
    return server;
  }

  List<String> log() {
    return log;
  }

  /** Cuts all clients off; the image stays as it is. */
  void stopServing() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }

  /** Serves the image once more, after {@link #stopServing}. */
  void serveAgain() throws IOException {
    server = start();
  }

  @Override
  public void close() throws IOException {
    stopServing();
    graph.close();
  }
}
