package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Changes how open nodes are open: all of them, or none.
 *
 * <p>Options not named keep their value, or get their default: there are both kinds of reopen.
 * Children that were opened for their parent follow it unless they have a setting of their own. In
 * this order:
 *
 * <pre>
 *   every node is flushed
 *   parents first: options are checked, the driver takes them, the backing file may be exchanged
 *   permissions, from the top down: who has become read-only gives its locks back
 *   children first: the drivers are told that all is in force
 * </pre>
 *
 * <p>For one reopen, under the graph's lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block.c.
 */
final class Reopening {
  private final BlockGraph graph;
  private final List<ReopenedNode> queue = new ArrayList<>();

  private final List<BackingEdge> exchanged = new ArrayList<>();

  /** Files that others have taken the place of. */
  private final List<Node> replaced = new ArrayList<>();

  /** What to call, newest first, to get back to where we were. */
  private final Deque<Undo> undo = new ArrayDeque<>();

  private interface Undo {
    void run() throws UsageException;
  }

  private Reopening(BlockGraph graph) {
    this.graph = graph;
  }

  /**
   * Reopens a node and what was opened for it.
   *
   * @param changes options to change, those of children as {@code file.xyz}
   */
  static void reopen(BlockGraph graph, Node node, Options changes) throws UsageException {
    Reopening reopening = new Reopening(graph);
    reopening.enqueue(ReopenedNode.top(node, changes.copy()));
    reopening.run();
  }

  /** Reopens nodes and what was opened for them; options that are not named get their defaults. */
  static void reset(BlockGraph graph, List<BlockGraph.NodeOptionsChange> changes)
      throws UsageException {
    Reopening reopening = new Reopening(graph);
    for (BlockGraph.NodeOptionsChange change : changes) {
      reopening.enqueue(ReopenedNode.reset(change.node(), change.options().copy()));
    }
    reopening.run();
  }

  private void run() throws UsageException {
    try {
      change();
    } catch (UsageException e) {
      goBack();
      throw e;
    }
    for (ReopenedNode reopened : queue.reversed()) {
      reopened.node().driver().reopened();
    }
  }

  private void enqueue(ReopenedNode top) {
    queue.removeIf(other -> other.node() == top.node());
    queue.add(top);
    for (Child child : top.node().children().reversed()) {
      if (child.inherits()) {
        top.forChild(child).ifPresent(this::enqueue);
      }
    }
  }

  private void change() throws UsageException {
    for (ReopenedNode reopened : queue) {
      flush(reopened.node());
    }
    List<Node> nodes = new ArrayList<>();
    queue.forEach(reopened -> nodes.add(reopened.node()));
    undo.push(() -> Permissions.refresh(nodes));
    List<Node> nowReadOnly = new ArrayList<>();
    for (ReopenedNode reopened : queue) {
      boolean writable = !reopened.node().readOnly();
      apply(reopened);
      if (writable && reopened.node().readOnly()) {
        nowReadOnly.add(reopened.node());
      }
    }
    Permissions.afterReopen(nodes, nowReadOnly);
    nodes.reversed().forEach(Node::refreshLimits);
    exchanged.forEach(BackingEdge::releaseOld);
    replaced.forEach(graph::loosen);
  }

  private void apply(ReopenedNode reopened) throws UsageException {
    Node node = reopened.node();
    NodeOptions before = node.options();
    NodeOptions next = reopened.check();
    Options left = reopened.driverOptions();
    reopened.refuseResets(left);
    node.driver().reopen(next.flags(), left);
    undo.push(
        () -> {
          node.driver().reopen(before.flags(), before.effective().copy());
          node.refreshLimits();
        });
    reopened.requireBacking();
    exchangeBacking(node, left);
    exchangeFile(node, left);
    reopened.refuseChanges(left);
    node.reopened(next);
    undo.push(() -> node.reopened(before));
  }

  /** A {@code backing} among the options names the node that is to be the backing file, or none. */
  private void exchangeBacking(Node node, Options left) throws UsageException {
    if (!left.has("backing")) {
      return;
    }
    Optional<Node> next = named(left.take("backing"));
    if (next.isPresent()) {
      BackingEdge.refuseCycle(node, next.get(), BackingEdge.NAME);
    }
    if (next.equals(node.backing())) {
      return;
    }
    if (node.isFilter()) {
      throw new UsageException(
          "'"
              + node.name()
              + "' is a "
              + node.type().name()
              + " filter node that does not support a backing child");
    }
    BackingEdge edge = new BackingEdge(graph, node);
    edge.check(next);
    edge.exchange(next, false);
    exchanged.add(edge);
    undo.push(edge::undo);
  }

  /**
   * A {@code file} among the options names the node that is to take the place of the present one.
   */
  private void exchangeFile(Node node, Options left) throws UsageException {
    Optional<Node> next = named(left.string(FileEdge.NAME));
    Optional<Child> edge = FileEdge.of(node);
    if (next.isEmpty() || edge.map(Child::node).equals(next)) {
      return;
    }
    BackingEdge.refuseCycle(node, next.get(), FileEdge.NAME);
    if (edge.isEmpty() || !(node.driver() instanceof FileExchange driver)) {
      return; // refused below
    }
    left.remove(FileEdge.NAME);
    Child held = edge.get();
    Node old = held.node();
    boolean inherits = held.inherits();
    undo.push(() -> FileEdge.move(node, driver, held, old, inherits));
    FileEdge.move(node, driver, held, next.get(), false);
    replaced.add(old);
  }

  private Optional<Node> named(Optional<String> name) throws UsageException {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<Node> node = graph.node(name.get());
    if (node.isEmpty()) {
      throw new UsageException("Cannot find device='' nor node-name='" + name.get() + "'");
    }
    return node;
  }

  private static void flush(Node node) throws UsageException {
    try {
      node.flush();
    } catch (BlockIoException e) {
      throw new UsageException("Error flushing drive: " + e.reason());
    }
  }

  private void goBack() {
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (UsageException e) {
        // What is left open works in the mode it has; the first failure is the one to report.
      }
    }
  }
}
