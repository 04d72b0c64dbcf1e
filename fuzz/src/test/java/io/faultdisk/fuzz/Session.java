package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image that is open: the {@link Disk} {@code image} as qcow2, with the disk {@code data} beside
 * it. It reaches no file of this machine, whatever names it has in it: there are no drivers for
 * them.
 */
final class Session implements AutoCloseable {
  static final OpenFlags WRITE = OpenFlags.TOOL.withCache(false, false, false);
  static final OpenFlags READ = WRITE.withReadOnly(true);
  static final OpenFlags CHECK = READ.with(OpenFlags.Mode.CHECK);
  static final OpenFlags REPAIR = WRITE.with(OpenFlags.Mode.CHECK);

  private final BlockGraph graph;
  private final BlockBackend image;
  private final List<String> messages;

  private Session(BlockGraph graph, BlockBackend image, List<String> messages) {
    this.graph = graph;
    this.image = image;
    this.messages = messages;
  }

  /**
   * Opens it.
   *
   * @param more options of the qcow2 node
   * @throws UsageException if it cannot be opened
   */
  static Session open(Map<String, Disk> disks, Map<String, String> more, OpenFlags flags)
      throws UsageException {
    List<String> messages = new ArrayList<>();
    BlockGraph graph =
        new BlockGraph(
            List.of(new Qcow2Type(), new RawType(), new NullType(), new DiskType(disks)),
            new OneThread(),
            messages::add);
    Options options = Options.of(more);
    options.put("driver", "qcow2");
    options.put("file.driver", "disk");
    options.put("file.name", "image");
    try {
      return new Session(graph, graph.open(Optional.empty(), options, flags), messages);
    } catch (UsageException e) {
      graph.close();
      throw e;
    }
  }

  BlockBackend image() {
    return image;
  }

  Node node() {
    return image.root();
  }

  /** Whether it was found damaged in use, until and including its {@link #close}. */
  boolean foundDamaged() {
    return messages.stream().anyMatch(message -> message.contains("Marking image as corrupt"));
  }

  /** What the format can do besides requests. */
  <T> T as(Class<T> ability) {
    return ability.cast(node().driver());
  }

  @Override
  public void close() {
    graph.close();
  }
}
