package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.FileNames;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Questions to an image and what lies below it: filters, then its backing file, that one's filters
 * and backing file, and so on. Stateless; any thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/io.c and block.c.
 */
public final class BackingChain {
  private BackingChain() {}

  /**
   * What a range holds and who says so.
   *
   * @param status the answer; {@link BlockStatus#end} refers to the node that was asked
   * @param depth how many nodes were asked, filters included: 1 if the top node knew
   */
  public record Found(BlockStatus status, int depth) {}

  /** The node that shows where this one holds nothing: a filter's child, or the backing file. */
  public static Optional<Node> below(Node node) {
    return node.isFilter() ? node.primaryChild().map(Child::node) : node.backing();
  }

  /** The node itself, or the first below it that is not a filter. */
  public static Node skipFilters(Node node) {
    Node at = node;
    while (at.isFilter() && at.primaryChild().isPresent()) {
      at = at.primaryChild().get().node();
    }
    return at;
  }

  /** The images of the chain without filters, the top one first. */
  public static List<Node> images(Node top) {
    List<Node> images = new ArrayList<>();
    Optional<Node> next = Optional.of(skipFilters(top));
    while (next.isPresent()) {
      images.add(next.get());
      next = next.get().backing().map(BackingChain::skipFilters);
    }
    return images;
  }

  /** Whether {@code node} is the top node or somewhere below it in the chain. */
  public static boolean contains(Node top, Node node) {
    Optional<Node> at = Optional.of(top);
    while (at.isPresent() && at.get() != node) {
      at = below(at.get());
    }
    return at.isPresent();
  }

  /**
   * The precise status of a range: the first node above {@code base} that holds it decides. The
   * range ends where the answer may change.
   *
   * @param base where to stop, not asked itself; the whole chain if empty
   */
  public static Found status(Node top, Optional<Node> base, long offset, long bytes)
      throws BlockIoException {
    return ask(top, base, false, true, offset, bytes);
  }

  /**
   * Which node above {@code base} holds a range. Cheaper and less precise than {@link #status}.
   *
   * @param includeBase whether {@code base} is asked, too
   */
  public static Found allocation(
      Node top, Optional<Node> base, boolean includeBase, long offset, long bytes)
      throws BlockIoException {
    return ask(top, base, includeBase, false, offset, bytes);
  }

  private static Found ask(
      Node top, Optional<Node> base, boolean includeBase, boolean precise, long offset, long bytes)
      throws BlockIoException {
    if (!includeBase && is(base, top)) {
      BlockStatus unknown = new BlockStatus(bytes, false, false, false, false, Optional.empty());
      return new Found(unknown, 0);
    }
    BlockStatus first = of(top, precise, offset, bytes);
    if (first.bytes() == 0 || first.allocated() || is(base, top)) {
      return new Found(first, 1);
    }
    long end = first.end() ? offset + first.bytes() : -1;
    BlockStatus status = first;
    int depth = 1;
    long left = first.bytes();
    Optional<Node> next = below(top);
    while (next.isPresent() && (includeBase || !is(base, next.get()))) {
      Node node = next.get();
      status = of(node, precise, offset, left);
      depth++;
      if (status.bytes() == 0) {
        // A shorter image: what is missing of it reads as zero, and that is its word on it.
        var place = Optional.<BlockStatus.Place>empty();
        status = new BlockStatus(left, true, false, true, false, place);
        break;
      }
      if (status.allocated() || is(base, node)) {
        break;
      }
      left = status.bytes();
      next = below(node);
    }
    return new Found(status.withEnd(offset + status.bytes() == end), depth);
  }

  private static BlockStatus of(Node node, boolean precise, long offset, long bytes)
      throws BlockIoException {
    return precise ? node.status(offset, bytes) : node.allocation(offset, bytes);
  }

  private static boolean is(Optional<Node> base, Node node) {
    return base.isPresent() && base.get() == node;
  }

  /**
   * The image below {@code top} that somebody means by {@code name}: as an image of the chain names
   * its backing file, or another name of the same file. Relative names are seen from the directory
   * of the image above it; a backing file that is not the one the image names is only known by the
   * name of its node's file.
   */
  public static Optional<Node> find(Node top, String name) {
    List<Node> images = images(top);
    for (int i = 0; i + 1 < images.size(); i++) {
      if (names(images.get(i), name, images.get(i + 1))) {
        return Optional.of(images.get(i + 1));
      }
    }
    return Optional.empty();
  }

  private static boolean names(Node image, String name, Node below) {
    if (image.backingOverridden()) {
      return name.equals(below.filename());
    }
    String stored = image.backingReference().map(BackingReference::filename).orElse("");
    try {
      Optional<String> full = image.fullBackingName();
      if (FileNames.hasProtocol(name) || FileNames.hasProtocol(stored)) {
        return name.equals(stored) || full.equals(Optional.of(name));
      }
      return full.isPresent() && sameFile(NodeName.absolute(image, name), full.get());
    } catch (UsageException e) {
      // An image without a directory: relative names mean nothing there.
      return name.equals(stored) && (FileNames.hasProtocol(name) || FileNames.hasProtocol(stored));
    }
  }

  private static boolean sameFile(String a, String b) {
    try {
      return Path.of(a).toRealPath().equals(Path.of(b).toRealPath());
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }
}
