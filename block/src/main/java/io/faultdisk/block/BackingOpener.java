package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.util.Optional;

/**
 * Opens the backing file of an image that has just been opened: the one that its options say
 * ({@code backing} or {@code backing.*}), else the one that the image names.
 *
 * <p>For one image, under the graph's lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block.c.
 */
final class BackingOpener {
  private static final String KEY = "backing";

  private final BlockGraph graph;
  private final ImageOpener opener;

  BackingOpener(BlockGraph graph, ImageOpener opener) {
    this.graph = graph;
    this.opener = opener;
  }

  /**
   * Opens it and hangs it below {@code node}; nothing if there is none.
   *
   * @param options where the options about it are taken out
   */
  void open(Node node, NodeParent parent, Options options) throws UsageException {
    Options own = options.copy().takeChild(KEY);
    Optional<BackingReference> stored = node.backingReference();
    boolean byName = options.string(KEY).isPresent();
    Optional<String> filename = Optional.empty();
    if (!byName && !own.has("file.filename")) {
      if (stored.isEmpty() && own.isEmpty()) {
        options.takeChild(KEY);
        return;
      }
      filename = node.fullBackingName();
    }
    if (!node.type().supportsBacking()) {
      throw new UsageException("Driver doesn't support backing files");
    }
    Optional<String> format = stored.flatMap(BackingReference::format);
    if (!byName && format.isPresent() && !own.has("driver")) {
      options.put(KEY + ".driver", format.get());
    }
    Node backing = openNode(parent, options, filename);
    if (filename.isPresent() && own.isEmpty()) {
      node.usualBackingName(backing.filename());
    }
    hang(node, backing);
  }

  private Node openNode(NodeParent parent, Options options, Optional<String> filename)
      throws UsageException {
    try {
      return opener
          .openChild(parent, options, KEY, ChildRole.BACKING, filename)
          .orElseThrow(() -> new UsageException("Must specify either driver or file"));
    } catch (UsageException e) {
      throw new UsageException(
          "Could not open backing file: " + e.getMessage(), e.hints().toArray(new String[0]));
    }
  }

  private void hang(Node node, Node backing) throws UsageException {
    try {
      new BackingEdge(graph, node).set(Optional.of(backing));
    } catch (UsageException e) {
      if (backing.parents().isEmpty()) {
        graph.closeNode(backing);
      }
      throw e;
    }
  }
}
