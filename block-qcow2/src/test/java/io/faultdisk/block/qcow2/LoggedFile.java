package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image file in memory that writes down what reaches it ({@code R 1000+200}, {@code W 0+8},
 * {@code F}, {@code D 0+200}, names of qcow2's events) and fails when told to. For one thread.
 */
final class LoggedFile implements BlockDriver, AutoCloseable {
  private final List<String> log = new ArrayList<>();
  private final List<String> failing = new ArrayList<>();
  private byte[] bytes = new byte[0];
  private BlockBackend backend;

  private LoggedFile() {}

  static LoggedFile empty() throws UsageException {
    LoggedFile file = new LoggedFile();
    DriverType type =
        new DriverType() {
          @Override
          public String name() {
            return "logged";
          }

          @Override
          public Kind kind() {
            return Kind.PROTOCOL;
          }

          @Override
          public BlockDriver open(Opening opening) {
            return file;
          }
        };
    BlockGraph graph = new BlockGraph(List.of(type), Turns.free(), text -> {});
    OpenFlags flags = OpenFlags.TOOL.withCache(false, false, false);
    file.backend = graph.open(Optional.empty(), Options.of(Map.of("driver", "logged")), flags);
    return file;
  }

  Node node() {
    return backend.root();
  }

  /** What happened since the last call, on one line. */
  String log() {
    String line = String.join(" ", log);
    log.clear();
    return line;
  }

  /** The next request that is logged so fails with EIO. */
  void failNext(String request) {
    failing.add(request);
  }

  byte[] bytes() {
    return bytes.clone();
  }

  void setBytes(byte[] next) {
    bytes = next.clone();
  }

  ByteBuffer at(long offset) {
    return ByteBuffer.wrap(bytes).slice((int) offset, bytes.length - (int) offset);
  }

  private void note(String request) throws BlockIoException {
    log.add(request);
    if (failing.remove(request)) {
      throw new BlockIoException(Errno.EIO);
    }
  }

  private static String range(String letter, long offset, long length) {
    return "%s %x+%x".formatted(letter, offset, length);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    note(range("R", offset, target.remaining()));
    while (target.hasRemaining()) {
      int at = (int) offset++;
      target.put(at < bytes.length ? bytes[at] : 0);
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    note(range("W", offset, source.remaining()));
    int end = (int) offset + source.remaining();
    bytes = Arrays.copyOf(bytes, Math.max(bytes.length, end));
    source.get(bytes, (int) offset, source.remaining());
  }

  @Override
  public void discard(long offset, long length) throws BlockIoException {
    note(range("D", offset, length));
  }

  @Override
  public boolean discards() {
    return true;
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    note("F");
  }

  @Override
  public Mapping map(long offset, long length, boolean precise) {
    return new Mapping.Data(offset, length);
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public boolean lengthVaries() {
    return true;
  }

  /** Events of the block layer itself are left out. */
  @Override
  public void announce(Event event, RequestType type, long offset, long length) {
    boolean generic = event.equals(QemuEvents.PWRITEV) || event.equals(QemuEvents.PWRITEV_DONE);
    if (!generic) {
      log.add(event.name());
    }
  }

  /** The end of the test, or of the node. */
  @Override
  public void close() {}
}
