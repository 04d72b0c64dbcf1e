package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import java.util.Optional;

/** Finds what users name, with QEMU's texts if there is no such. Stateless. */
final class Lookup {
  private Lookup() {}

  /** The node of that name, for commands that take nothing else. */
  static Node node(BlockGraph graph, String nodeName) throws UsageException {
    return node(graph, Optional.empty(), Optional.of(nodeName));
  }

  /** The same for commands that also take the name of a device; there are no devices here. */
  static Node node(BlockGraph graph, Optional<String> device, Optional<String> nodeName)
      throws UsageException {
    Optional<Node> found = nodeName.flatMap(graph::node);
    return found.orElseThrow(
        () ->
            new UsageException(
                "Cannot find device='%s' nor node-name='%s'"
                    .formatted(device.orElse(""), nodeName.orElse(""))));
  }

  /** The same for commands that take either name in one argument. */
  static Node deviceOrNode(BlockGraph graph, String name) throws UsageException {
    return node(graph, Optional.of(name), Optional.of(name));
  }

  /** The node of that name, for commands that work on nodes as such. */
  static Node existing(BlockGraph graph, String nodeName) throws UsageException {
    return graph
        .node(nodeName)
        .orElseThrow(
            () -> new UsageException("Failed to find node with node-name='" + nodeName + "'"));
  }

  /** The bitmap of that name, of that very node. */
  static DirtyBitmap bitmap(BlockGraph graph, String nodeName, String name) throws UsageException {
    Node node =
        graph
            .node(nodeName)
            .orElseThrow(() -> new UsageException("Node '" + nodeName + "' not found"));
    return node.bitmaps()
        .find(name)
        .orElseThrow(() -> new UsageException("Dirty bitmap '" + name + "' not found"));
  }
}
