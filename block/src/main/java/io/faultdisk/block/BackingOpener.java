package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
    Optional<String> format = stored.flatMap(BackingReference::driver);
    if (!byName && format.isPresent() && !own.has("driver")) {
      options.put(KEY + ".driver", format.get());
    }
    boolean usual = filename.isPresent() && own.isEmpty();
    Node backing =
        usual ? openUsual(parent, options, filename.get()) : openNode(parent, options, filename);
    if (usual) {
      node.usualBackingName(backing.filename());
    }
    hang(node, backing, !byName);
  }

  /**
   * Opens what the image names. If that is what is being opened further up in just the same way,
   * the images name each other and it would go on like this without end.
   */
  private Node openUsual(NodeParent parent, Options options, String filename)
      throws UsageException {
    String identity = options.string(KEY + ".driver").orElse("") + ":" + canonical(filename);
    if (!graph.openingBacking().add(identity)) {
      throw new UsageException(
          "Could not open backing file: Backing file '" + filename + "' creates an infinite loop.");
    }
    try {
      return openNode(parent, options, Optional.of(filename));
    } finally {
      graph.openingBacking().remove(identity);
    }
  }

  private static String canonical(String filename) {
    try {
      return Path.of(filename).toRealPath().toString();
    } catch (IOException | InvalidPathException e) {
      return filename;
    }
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

  private void hang(Node node, Node backing, boolean inherits) throws UsageException {
    try {
      new BackingEdge(graph, node).set(Optional.of(backing), inherits);
    } catch (UsageException e) {
      if (backing.parents().isEmpty()) {
        graph.closeNode(backing);
      }
      throw e;
    }
  }
}
