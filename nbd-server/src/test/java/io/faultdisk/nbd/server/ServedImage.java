package io.faultdisk.nbd.server;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A server in this process, on a Unix socket, that serves one image as the default export. */
final class ServedImage implements AutoCloseable {
  static final OpenFlags WRITEBACK = OpenFlags.TOOL.withCache(false, false, false);

  private final Path directory;
  private final Path socket;
  private final BlockGraph graph;
  private final BlockBackend image;
  private final NbdServer server;
  private final List<String> log = new CopyOnWriteArrayList<>();

  private ServedImage(
      String options,
      OpenFlags flags,
      ServerLimits limits,
      Optional<Encryption> encryption,
      UnaryOperator<Export.Settings> settings)
      throws IOException, UsageException {
    directory = Files.createTempDirectory("nbd");
    socket = directory.resolve("s");
    graph = new BlockGraph(types(), new ServerTurns(), log::add);
    image = graph.open(Optional.empty(), Options.parse(options, warning -> {}), flags);
    server = new NbdServer(limits, encryption, log::add);
    server.add(new Export(image, settings.apply(Export.Settings.named(""))));
    server.listen(Sockets.unix(socket));
  }

  private static List<DriverType> types() {
    return List.of(
        new RawType(),
        new FileType(),
        new MemoryType(),
        new Qcow2Type(),
        new BlkdebugType(Dialect.FAULTDISK, Optional.empty()));
  }

  /** Raw over blkdebug over memory. */
  static ServedImage memory(String size) throws IOException, UsageException {
    return memory(size, "", ServerLimits.DEFAULT, settings -> settings);
  }

  /** The same; options of blkdebug, each after a comma. */
  static ServedImage memory(
      String size, String rules, ServerLimits limits, UnaryOperator<Export.Settings> settings)
      throws IOException, UsageException {
    StringBuilder options = new StringBuilder("driver=raw,file.driver=blkdebug");
    for (String option : rules.split(",")) {
      options.append(option.isEmpty() ? "" : ",file." + option);
    }
    options.append(",file.image.driver=memory,file.image.size=").append(size);
    return open(options.toString(), WRITEBACK, limits, settings);
  }

  static ServedImage open(
      String options, OpenFlags flags, ServerLimits limits, UnaryOperator<Export.Settings> settings)
      throws IOException, UsageException {
    return new ServedImage(options, flags, limits, Optional.empty(), settings);
  }

  static ServedImage encrypted(Encryption encryption) throws IOException, UsageException {
    return encrypted(encryption, ServerLimits.DEFAULT);
  }

  static ServedImage encrypted(Encryption encryption, ServerLimits limits)
      throws IOException, UsageException {
    return new ServedImage(
        "driver=memory,size=1M", WRITEBACK, limits, Optional.of(encryption), settings -> settings);
  }

  Path socket() {
    return socket;
  }

  String uri() {
    return "nbd+unix:///?socket=" + socket;
  }

  NbdServer server() {
    return server;
  }

  BlockBackend image() {
    return image;
  }

  BlockGraph graph() {
    return graph;
  }

  /** A second export of the same image. */
  void add(Export.Settings settings) throws BlockIoException {
    server.add(new Export(image, settings));
  }

  FaultEngine engine() {
    return image.engine().orElseThrow();
  }

  /** What the server has said, oldest first. */
  List<String> log() {
    return log;
  }

  /** Waits until no client, memory or thread is left of what clients have done. */
  void assertNothingIsLeft() {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.connections() == 0);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.buffers().usedBytes() == 0);
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.threadCount() == 0);
  }

  @Override
  public void close() throws IOException {
    server.close();
    graph.close();
    Files.deleteIfExists(socket);
    Files.deleteIfExists(directory);
  }
}
