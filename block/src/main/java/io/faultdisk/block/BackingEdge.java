package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The edge from a node to its backing file: putting one in, replacing it, taking it out.
 *
 * <p>For one change, under the graph's lock, with no request in flight.
 */
final class BackingEdge {
  static final String NAME = "backing";

  private final BlockGraph graph;
  private final Node node;
  private final List<Child> before;

  BackingEdge(BlockGraph graph, Node node) {
    this.graph = graph;
    this.node = node;
    this.before = node.children();
  }

  /**
   * Another backing file, or none; all or nothing.
   *
   * @param inherits whether it was opened for this node, and so follows it when that is reopened
   */
  void set(Optional<Node> next, boolean inherits) throws UsageException {
    check(next);
    exchange(next, inherits);
    try {
      Permissions.refresh(List.of(node));
    } catch (UsageException e) {
      undo();
      throw e;
    }
    releaseOld();
  }

  /** Refuses what cannot be. */
  void check(Optional<Node> next) throws UsageException {
    if (!node.driver().usable()) {
      throw new UsageException("Node corrupted");
    }
    if (!node.type().supportsBacking()) {
      throw new UsageException(
          "Driver '"
              + node.type().name()
              + "' of node '"
              + node.name()
              + "' does not support backing files");
    }
    if (next.isPresent()) {
      refuseCycle(node, next.get(), NAME);
    }
  }

  /**
   * Refuses to put a node below itself.
   *
   * @param child what it would be there
   */
  static void refuseCycle(Node node, Node next, String child) throws UsageException {
    if (reaches(next, node)) {
      throw cycle(node.name(), next.name(), child);
    }
  }

  /** A node would come below itself. */
  static UsageException cycle(String node, String next, String child) {
    return new UsageException(
        "Making '%s' a %s child of '%s' would create a cycle".formatted(next, child, node));
  }

  /** Exchanges the edge; permissions stay to be worked out. */
  void exchange(Optional<Node> next, boolean inherits) {
    List<Child> after = new ArrayList<>(before);
    after.removeIf(child -> child.role() == ChildRole.BACKING);
    if (next.isPresent()) {
      String owner = "node '" + node.name() + "'";
      after.add(new Child(NAME, ChildRole.BACKING, next.get(), owner, inherits));
    }
    hang(after);
  }

  /** Puts back what was there before {@link #exchange}. */
  void undo() {
    hang(before);
  }

  /** Lets go of the edge that was there before; its node is closed if nobody else holds it. */
  void releaseOld() {
    for (Child child : before) {
      if (child.role() == ChildRole.BACKING && !node.children().contains(child)) {
        graph.release(child);
      }
    }
  }

  private void hang(List<Child> after) {
    List<Child> now = node.children();
    for (Child child : now) {
      if (!after.contains(child)) {
        child.node().parents().remove(child);
      }
    }
    for (Child child : after) {
      if (!now.contains(child)) {
        child.node().parents().add(child);
      }
    }
    node.children(after);
    node.refreshLimits();
  }

  /** Whether one node is the other, or above it. */
  private static boolean reaches(Node from, Node to) {
    if (from == to) {
      return true;
    }
    for (Child child : from.children()) {
      if (reaches(child.node(), to)) {
        return true;
      }
    }
    return false;
  }
}
