package io.faultdisk.block;

import io.faultdisk.rules.Event;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node flushes, and when it need not.
 *
 * <p>Each node counts the writes that completed on it. A flush that succeeds covers the count seen
 * when it began; as long as nothing new was written, later ones only hand caches down. Flushes of
 * one node run one after the other.
 *
 * <pre>
 *   flush_to_os on the primary child    driver.flushToOs
 *   flush_to_disk on the primary child  driver.flushToDisk     unless cache=unsafe or nothing was written
 *   flush of every child that this node may write to
 * </pre>
 */
final class FlushPath {
  private final Node node;
  private final TrackedRequests queue;

  FlushPath(Node node) {
    this.node = node;
    this.queue = new TrackedRequests(node.turns());
  }

  void flush() throws BlockIoException {
    if (node.readOnly() || !node.usable()) {
      return;
    }
    long generation = node.writeGeneration().get();
    TrackedRequests.Tracked turn = queue.begin(0, 1);
    try {
      queue.makeSerialising(turn, 1);
      toOs();
      if (!node.flags().noFlush() && node.flushedGeneration() != generation) {
        toDisk();
      }
      flushChildren();
      node.flushedGeneration(generation);
    } finally {
      queue.end(turn);
    }
  }

  private void toOs() throws BlockIoException {
    announce(QemuEvents.FLUSH_TO_OS);
    node.driver().flushToOs();
  }

  private void toDisk() throws BlockIoException {
    announce(QemuEvents.FLUSH_TO_DISK);
    try {
      node.driver().flushToDisk();
    } catch (BlockIoException e) {
      throw e.at("flush", 0, 0, node.name());
    }
  }

  /**
   * Flushes all children even if one fails; the first error counts. The child attached last comes
   * first.
   */
  private void flushChildren() throws BlockIoException {
    @Nullable BlockIoException first = null;
    for (Child child : node.children().reversed()) {
      if (child.writable()) {
        try {
          child.node().flush();
        } catch (BlockIoException e) {
          first = first == null ? e : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void announce(Event event) {
    Optional<Child> primary = node.primaryChild();
    if (primary.isPresent()) {
      primary.get().node().announce(event, RequestType.FLUSH, 0, 0);
    }
  }
}
