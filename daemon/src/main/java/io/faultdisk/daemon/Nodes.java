package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Commands on nodes. Called one at a time.
 *
 * <p>Source: order of checks and texts as in QEMU 7.2.
 */
final class Nodes {
  /** What options that nobody gives are: writable, buffered, discards ignored. */
  static final OpenFlags FLAGS = OpenFlags.TOOL.withUnmap(false).withCache(false, false, false);

  private final BlockGraph graph;

  Nodes(BlockGraph graph) {
    this.graph = graph;
  }

  void add(Options options) throws UsageException {
    if (!options.has("node-name")) {
      throw new UsageException("'node-name' must be specified for the root node");
    }
    graph.keep(options, FLAGS);
  }

  void delete(String name) throws UsageException {
    Node node = Lookup.existing(graph, name);
    if (graph.isUsed(node)) {
      throw new UsageException("Node " + name + " is in use");
    }
    Optional<Node> overlay = parentOf(node, Optional.of(ChildRole.BACKING));
    if (overlay.isPresent()) {
      throw new UsageException(
          "Node '%s' is busy: node is used as backing hd of '%s'"
              .formatted(name, overlay.get().name()));
    }
    if (!graph.kept().contains(node)) {
      throw new UsageException("Node " + name + " is not owned by the monitor");
    }
    if (parentOf(node, Optional.empty()).isPresent()) {
      throw new UsageException("Block device " + name + " is in use");
    }
    graph.drop(node);
  }

  /** A node that has this one as a child, in that role if one is given. */
  private Optional<Node> parentOf(Node node, Optional<ChildRole> role) {
    for (Node other : graph.nodes()) {
      for (Child child : other.children()) {
        if (child.node() == node && (role.isEmpty() || role.get() == child.role())) {
          return Optional.of(other);
        }
      }
    }
    return Optional.empty();
  }

  void reopen(List<Options> all) throws UsageException {
    List<BlockGraph.NodeOptionsChange> changes = new ArrayList<>();
    for (Options options : all) {
      Optional<String> name = options.string("node-name");
      if (name.isEmpty()) {
        throw new UsageException("node-name not specified");
      }
      changes.add(new BlockGraph.NodeOptionsChange(Lookup.existing(graph, name.get()), options));
    }
    graph.reopen(changes);
  }

  void resize(Optional<String> device, Optional<String> nodeName, long size) throws UsageException {
    Node node = Lookup.node(graph, device, nodeName);
    if (size < 0) {
      throw new UsageException("Parameter 'size' expects a >0 size");
    }
    if (parentOf(node, Optional.of(ChildRole.BACKING)).isPresent()) {
      throw new UsageException("Device '" + device.orElse("(null)") + "' is in use"); // QEMU's text
    }
    var wish = new Permission.Wish(Permission.RESIZE, Permission.ALL);
    try (BlockBackend image = graph.use(node, wish, false)) {
      image.truncate(size, false, Preallocation.OFF);
    } catch (BlockIoException e) {
      throw new UsageException(e.reason());
    }
  }
}
