package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.format.BlockdevCreatable;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes an image as {@code blockdev-create} describes it: on nodes that are open, or that are
 * opened for it. Used once, by the thread of its job.
 */
final class ImageMaking implements Jobs.Work {
  private static final List<String> CHILDREN = List.of("file", "data-file");

  private final BlockGraph graph;
  private final BlockdevCreatable type;
  private final Options options;

  private ImageMaking(BlockGraph graph, BlockdevCreatable type, Options options) {
    this.graph = graph;
    this.type = type;
    this.options = options;
  }

  /**
   * What is to be done.
   *
   * @param given flattened {@code BlockdevCreateOptions}; not changed
   * @throws UsageException if there is no such driver, or it makes no images
   */
  static ImageMaking of(BlockGraph graph, Options given) throws UsageException {
    Options options = given.copy();
    String driver =
        options
            .take("driver")
            .orElseThrow(() -> new UsageException("Parameter 'driver' is missing"));
    DriverType type =
        graph
            .type(driver)
            .orElseThrow(
                () ->
                    new UsageException("Block driver '" + driver + "' not found or not supported"));
    if (!(type instanceof BlockdevCreatable creatable)) {
      throw new UsageException("Driver does not support blockdev-create");
    }
    return new ImageMaking(graph, creatable, options);
  }

  @Override
  public void run() throws UsageException, BlockIoException {
    List<BlockBackend> holds = new ArrayList<>();
    List<Node> opened = new ArrayList<>();
    try {
      for (String child : CHILDREN) {
        hold(child, holds, opened);
      }
      type.create(graph, options);
    } finally {
      holds.reversed().forEach(BlockBackend::close);
      opened.reversed().forEach(graph::drop);
    }
  }

  /** Keeps a child from being closed meanwhile; one that is described is opened. */
  private void hold(String child, List<BlockBackend> holds, List<Node> opened)
      throws UsageException {
    Optional<String> name = options.string(child);
    Options described = options.takeChild(child);
    Node node;
    if (name.isPresent()) {
      node = Lookup.deviceOrNode(graph, name.get());
    } else if (!described.isEmpty()) {
      node = graph.keep(described, Nodes.FLAGS);
      opened.add(node);
      options.put(child, node.name());
    } else {
      return;
    }
    holds.add(graph.use(node, Permission.Wish.NONE, false));
  }
}
