package io.faultdisk.daemon;

import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The shape of the block graph at one moment: for pictures of it. Immutable.
 *
 * @param nodes in the order in which they got their names
 * @param edges from parents to children
 */
public record NodeGraph(List<GraphNode> nodes, List<Edge> edges) {

  /**
   * A node.
   *
   * @param driver its name
   * @param kept whether it was added by a command, and stays until one deletes it
   * @param size in bytes, if it can tell
   */
  public record GraphNode(
      String name,
      String driver,
      String filename,
      boolean readOnly,
      boolean kept,
      boolean filter,
      OptionalLong size) {}

  /**
   * A parent's hold on a child.
   *
   * @param name the parent's name for it, such as {@code file} or {@code backing}
   * @param role what it is to the parent
   */
  public record Edge(String parent, String child, String name, ChildRole role) {}

  /** Copies the lists. */
  public NodeGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  static NodeGraph of(BlockGraph graph) {
    List<GraphNode> nodes = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    List<Node> kept = graph.kept();
    for (Node node : graph.nodes()) {
      nodes.add(
          new GraphNode(
              node.name(),
              node.type().name(),
              node.filename(),
              node.readOnly(),
              kept.contains(node),
              node.isFilter(),
              size(node)));
      for (Child child : node.children()) {
        edges.add(new Edge(node.name(), child.node().name(), child.name(), child.role()));
      }
    }
    return new NodeGraph(nodes, edges);
  }

  private static OptionalLong size(Node node) {
    try {
      return OptionalLong.of(node.length());
    } catch (BlockIoException unknown) {
      return OptionalLong.empty();
    }
  }
}
