package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import java.util.Optional;

/** The edge from a node to its {@code file}. Under the graph's lock, with no request in flight. */
final class FileEdge {
  static final String NAME = "file";

  private FileEdge() {}

  static Optional<Child> of(Node node) {
    return node.children().stream().filter(child -> child.name().equals(NAME)).findFirst();
  }

  /** Makes the edge lead to another node; permissions stay to be worked out. */
  static void move(Node node, FileExchange driver, Child edge, Node next, boolean inherits)
      throws UsageException {
    edge.node().parents().remove(edge);
    edge.node(next, inherits);
    next.parents().add(edge);
    node.children(node.children());
    try {
      driver.file(next);
      node.refreshLength();
    } catch (BlockIoException e) {
      throw new UsageException("Could not refresh total sector count: " + e.reason());
    }
    node.refreshLimits();
  }
}
