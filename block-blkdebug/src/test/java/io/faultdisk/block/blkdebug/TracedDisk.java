package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.RequestType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A raw disk over blkdebug over memory that writes down what reaches the blkdebug node: events by
 * name, requests as {@code W 1000+200} (hexadecimal bytes).
 */
final class TracedDisk implements AutoCloseable {
  private static final Map<RequestType, String> LETTERS =
      Map.of(
          RequestType.READ, "R",
          RequestType.WRITE, "W",
          RequestType.WRITE_ZEROES, "Z",
          RequestType.DISCARD, "D",
          RequestType.BLOCK_STATUS, "S");

  private final List<String> trace = Collections.synchronizedList(new ArrayList<>());
  private final List<String> warnings = new ArrayList<>();
  private final BlockGraph graph;
  private final BlockBackend disk;

  private TracedDisk(Optional<String> filename, String options, OpenFlags flags)
      throws UsageException {
    List<DriverType> types =
        List.of(
            new RawType(),
            new FileType(),
            new MemoryType(),
            new NullType(),
            new BlkdebugType(Dialect.QEMU, Optional.of(this::observed)));
    graph = new BlockGraph(types, Turns.free(), warnings::add);
    disk = graph.open(filename, Options.parse(options, warning -> {}), flags);
  }

  /**
   * A writeback disk of 1 MiB: raw over blkdebug with these options ({@code align=4096,...}) over
   * memory.
   */
  static TracedDisk with(String blkdebugOptions) throws UsageException {
    StringBuilder options = new StringBuilder("driver=raw,file.driver=blkdebug");
    for (String option : blkdebugOptions.split(",", -1)) {
      options.append(option.isEmpty() ? "" : ",file." + option);
    }
    options.append(",file.image.driver=memory,file.image.size=1M");
    return open(options.toString(), OpenFlags.TOOL.withCache(false, false, false));
  }

  static TracedDisk open(String options, OpenFlags flags) throws UsageException {
    return new TracedDisk(Optional.empty(), options, flags);
  }

  BlockBackend disk() {
    return disk;
  }

  /** What the graph has said to the user. */
  List<String> warnings() {
    return warnings;
  }

  BlockGraph graph() {
    return graph;
  }

  /** What happened since the last call, oldest first, separated by blanks. */
  String trace() {
    String text = String.join(" ", trace);
    trace.clear();
    return text;
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
