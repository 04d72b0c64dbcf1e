package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.block.TrackedRequests.Tracked;
import java.util.Optional;

/**
 * How a node changes its length. A growing truncate keeps writes out of the new range until it is
 * done.
 */
final class TruncatePath {
  private final Node node;

  TruncatePath(Node node) {
    this.node = node;
  }

  void truncate(long size, boolean exact, Preallocation preallocation, boolean zeroed)
      throws BlockIoException {
    if (size < 0) {
      throw new BlockIoException(Errno.EINVAL, "Image size cannot be negative");
    }
    try {
      Node.checkRange(size, 0);
    } catch (BlockIoException e) {
      long max = Long.MAX_VALUE & -BlockLimits.ALIGNMENT_MAX;
      throw new BlockIoException(e.errno(), "offset(" + size + ") exceeds maximum(" + max + ")");
    }
    long old = node.length();
    if (node.readOnly()) {
      throw new BlockIoException(Errno.EACCES, "Image is read-only");
    }
    long added = Math.max(0, size - old);
    Tracked request = node.tracked().begin(size - added, added);
    try {
      if (added > 0) {
        node.tracked().makeSerialising(request, 1);
      }
      node.tracked().waitForSerialising(request);
      if (zeroed || (added > 0 && backingReaches(old))) {
        node.driver().truncateZeroed(size, exact, preallocation);
      } else {
        node.driver().truncate(size, exact, preallocation);
      }
      node.refreshLength();
      node.resized();
    } catch (BlockIoException e) {
      refreshAfterFailure();
      throw e;
    } finally {
      node.tracked().end(request);
    }
  }

  /** A format may have changed its length although it could not store that. */
  private void refreshAfterFailure() {
    try {
      node.refreshLength();
    } catch (BlockIoException e) {
      // Then the length stays what it was; the failure before this one is the one to report.
    }
  }

  /** Whether a backing file would show through behind the present end. */
  private boolean backingReaches(long old) throws BlockIoException {
    Optional<Node> backing = node.backing();
    try {
      return backing.isPresent() && backing.get().length() > old;
    } catch (BlockIoException e) {
      throw new BlockIoException(e.errno(), "Could not get backing file size: " + e.errno().text());
    }
  }
}
