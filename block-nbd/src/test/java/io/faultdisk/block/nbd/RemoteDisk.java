package io.faultdisk.block.nbd;

import io.faultdisk.base.Sleeper;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The driver under test, open on a Unix socket. */
final class RemoteDisk implements AutoCloseable {
  static final OpenFlags WRITEBACK = OpenFlags.TOOL.withCache(false, false, false);

  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final BlockGraph graph;
  private final BlockBackend image;

  private RemoteDisk(NbdType type, Turns turns, String options, OpenFlags flags)
      throws UsageException {
    graph = new BlockGraph(List.of(type, new RawType()), turns, messages::add);
    image = graph.open(Optional.empty(), Options.parse(options, warning -> {}), flags);
  }

  static RemoteDisk open(Path socket) throws UsageException {
    return open(socket, "");
  }

  /** With more options, each after a comma. */
  static RemoteDisk open(Path socket, String options) throws UsageException {
    return open(Turns.free(), socket, options);
  }

  static RemoteDisk open(Turns turns, Path socket, String options) throws UsageException {
    return new RemoteDisk(new NbdType(), turns, options(socket, options), WRITEBACK);
  }

  static RemoteDisk openReadOnly(Path socket) throws UsageException {
    return new RemoteDisk(
        new NbdType(), Turns.free(), options(socket, ""), OpenFlags.TOOL.withReadOnly(true));
  }

  /** In a time of its own. */
  static RemoteDisk open(Sleeper sleeper, Path socket, String options) throws UsageException {
    return new RemoteDisk(new NbdType(sleeper), Turns.free(), options(socket, options), WRITEBACK);
  }

  private static String options(Path socket, String more) {
    return "driver=nbd,server.type=unix,server.path=" + socket + more;
  }

  BlockBackend image() {
    return image;
  }

  byte[] read(long offset, int bytes) throws BlockIoException {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) 0xee);
    image.read(offset, ByteBuffer.wrap(data));
    return data;
  }

  void write(long offset, byte... data) throws BlockIoException {
    image.write(offset, ByteBuffer.wrap(data), 0);
  }

  /** What the driver had to say. */
  List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    image.close();
    graph.close();
  }
}
