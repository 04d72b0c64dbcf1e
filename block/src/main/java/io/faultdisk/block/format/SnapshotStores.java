package io.faultdisk.block.format;

import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.Node;
import java.util.Optional;

/** Finds the driver that keeps an image's snapshots. Stateless. */
public final class SnapshotStores {
  private SnapshotStores() {}

  /**
   * The driver that keeps the snapshots of an image: its own, or that of the one node below which
   * holds all of it.
   */
  public static Optional<SnapshotStore> of(Node image) {
    Optional<Node> at = Optional.of(image);
    while (at.isPresent()) {
      if (at.get().driver() instanceof SnapshotStore store) {
        return Optional.of(store);
      }
      at = soleStorage(at.get());
    }
    return Optional.empty();
  }

  /** The child that holds all that a node stores, if there is one such. */
  public static Optional<Node> soleStorage(Node node) {
    Optional<Node> found = Optional.empty();
    for (Child child : node.children()) {
      if (child.role() == ChildRole.BACKING) {
        continue;
      }
      if (found.isPresent()) {
        return Optional.empty();
      }
      found = Optional.of(child.node());
    }
    return found;
  }
}
