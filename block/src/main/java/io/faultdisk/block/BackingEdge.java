package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The edge from a node to its backing file: putting it in, replacing it, taking it out.
 *
 * <p>For one change, under the graph's lock, with no request in flight.
 */
final class BackingEdge {
  private final BlockGraph graph;
  private final Node node;

  BackingEdge(BlockGraph graph, Node node) {
    this.graph = graph;
    this.node = node;
  }

  /** Another backing file, or none; all or nothing. */
  void set(Optional<Node> next) throws UsageException {
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
    if (next.isPresent() && reaches(next.get(), node)) {
      throw new UsageException(
          "Making '"
              + next.get().name()
              + "' a backing child of '"
              + node.name()
              + "' would create a cycle");
    }
    List<Child> before = node.children();
    List<Child> after = new ArrayList<>(before);
    Optional<Child> old = Optional.empty();
    for (Child child : before) {
      if (child.role() == ChildRole.BACKING) {
        old = Optional.of(child);
      }
    }
    old.ifPresent(after::remove);
    next.ifPresent(to -> after.add(edge(to)));
    hang(before, after);
    try {
      Permissions.refresh(node);
    } catch (UsageException e) {
      hang(after, before);
      throw e;
    }
    old.ifPresent(graph::release);
  }

  private Child edge(Node to) {
    return new Child("backing", ChildRole.BACKING, to, "node '" + node.name() + "'");
  }

  private void hang(List<Child> before, List<Child> after) {
    for (Child child : before) {
      if (!after.contains(child)) {
        child.node().parents().remove(child);
      }
    }
    for (Child child : after) {
      if (!before.contains(child)) {
        child.node().parents().add(child);
      }
    }
    node.children(after);
    node.refreshLimits();
  }

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
