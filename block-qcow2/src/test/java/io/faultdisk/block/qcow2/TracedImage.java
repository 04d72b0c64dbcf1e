package io.faultdisk.block.qcow2;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.RequestType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A qcow2 image over blkdebug over a file, that writes down what reaches the blkdebug node: events
 * by name, requests as {@code W 1000+200} (hexadecimal bytes).
 */
final class TracedImage implements AutoCloseable {
  private static final Map<RequestType, String> LETTERS =
      Map.of(
          RequestType.READ, "R",
          RequestType.WRITE, "W",
          RequestType.WRITE_ZEROES, "Z",
          RequestType.DISCARD, "D",
          RequestType.BLOCK_STATUS, "S");

  private final List<String> trace = Collections.synchronizedList(new ArrayList<>());
  private final List<String> messages = new ArrayList<>();
  private final BlockGraph graph;
  private final BlockBackend disk;

  private TracedImage(String options, OpenFlags flags) throws UsageException {
    graph = new BlockGraph(types(), Turns.free(), messages::add);
    disk = graph.open(Optional.empty(), Options.parse(options, warning -> {}), flags);
  }

  private List<DriverType> types() {
    return List.of(
        new RawType(),
        new FileType(),
        new Qcow2Type(),
        new BlkdebugType(Dialect.QEMU, Optional.of(this::observed)));
  }

  /** Makes a new image; {@code options} as after {@code -o}. */
  static void create(Path file, String options, long size) throws UsageException {
    create(file, options, Optional.empty(), OptionalLong.of(size));
  }

  /** Makes a new image over another one. */
  static void createOverlay(Path file, String options, Path backing) throws UsageException {
    create(file, options, Optional.of(backing.toString()), OptionalLong.empty());
  }

  private static void create(Path file, String options, Optional<String> backing, OptionalLong size)
      throws UsageException {
    List<DriverType> types = List.of(new RawType(), new FileType(), new Qcow2Type());
    try (BlockGraph graph = new BlockGraph(types, Turns.free(), message -> {})) {
      Optional<String> backingFormat = backing.map(name -> "qcow2");
      new ImageCreation(graph)
          .create(
              new CreateRequest(
                  file.toString(),
                  "qcow2",
                  Optional.of(options).filter(text -> !text.isEmpty()),
                  size,
                  backing,
                  backingFormat,
                  true),
              line -> {});
    }
  }

  /** Opens an image in writeback mode. */
  static TracedImage open(Path file) throws UsageException {
    return open(file, "");
  }

  /**
   * Opens an image in writeback mode.
   *
   * @param moreOptions of the qcow2 node, each after a comma
   */
  static TracedImage open(Path file, String moreOptions) throws UsageException {
    String options =
        "driver=qcow2,file.driver=blkdebug,file.image.driver=file,file.image.filename=" + file;
    return new TracedImage(options + moreOptions, OpenFlags.TOOL.withCache(false, false, false));
  }

  BlockBackend disk() {
    return disk;
  }

  /** What the graph has said to the user. */
  List<String> messages() {
    return messages;
  }

  /** What happened since the last call, oldest first, separated by blanks. */
  String trace() {
    String text = String.join(" ", trace);
    trace.clear();
    return text;
  }

  /**
   * Runs commands, separated by {@code ;}: {@code write 4k 4k}, {@code compress}, {@code zero},
   * {@code unmap}, {@code discard}, {@code read}, {@code flush}. What is written is 0x5a.
   */
  void run(String commands) throws IOException {
    for (String command : commands.split(";", -1)) {
      String[] words = command.strip().split(" ", -1);
      if (words[0].equals("flush")) {
        disk.flush();
        continue;
      }
      run(words[0], size(words[1]), size(words[2]));
    }
  }

  private static long size(String text) {
    boolean kilo = text.endsWith("k");
    return Long.parseLong(kilo ? text.substring(0, text.length() - 1) : text) << (kilo ? 10 : 0);
  }

  private void run(String command, long offset, long bytes) throws IOException {
    byte[] data = new byte[(int) bytes];
    Arrays.fill(data, (byte) 0x5a);
    switch (command) {
      case "write" -> disk.write(offset, ByteBuffer.wrap(data), 0);
      case "compress" -> disk.writeCompressed(offset, ByteBuffer.wrap(data));
      case "zero" -> disk.writeZeroes(offset, bytes, 0);
      case "unmap" -> disk.writeZeroes(offset, bytes, RequestFlags.MAY_UNMAP);
      case "discard" -> disk.discard(offset, bytes);
      case "read" -> disk.read(offset, ByteBuffer.wrap(data));
      default -> throw new IllegalArgumentException(command);
    }
  }

  private void observed(Observation observation) {
    switch (observation) {
      case Observation.EventAnnounced event -> trace.add(event.event().name());
      case Observation.RequestChecked check -> {
        RequestType type = check.request().type();
        trace.add(
            type == RequestType.FLUSH
                ? "F"
                : LETTERS.get(type)
                    + " "
                    + Long.toHexString(check.request().offset())
                    + "+"
                    + Long.toHexString(check.request().bytes()));
      }
      case Observation.OperationPerformed _ -> {}
      case Observation.StateChanged _ -> {}
      case Observation.RequestSuspended _ -> {}
      case Observation.RequestResumed _ -> {}
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
