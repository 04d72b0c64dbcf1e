package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads many refcounts, most of them next to each other: holds on to the block that was used last.
 *
 * <p>Under the metadata lock. It must be released before refcounts are changed, and at the end.
 */
final class RefcountReader {
  private final Metadata metadata;
  private final int order;
  private final int blockBits;
  private final int entryMask;
  private Optional<CachedTable> held = Optional.empty();
  private long heldIndex = -1;

  RefcountReader(Metadata metadata) {
    this.metadata = metadata;
    this.order = metadata.geometry.refcountOrder();
    this.entryMask = metadata.geometry.refcountBlockEntries() - 1;
    this.blockBits = Integer.bitCount(entryMask);
  }

  /** How often a cluster is used; EIO (and a corruption report) if its refcount block is broken. */
  long get(long cluster) throws BlockIoException {
    long index = cluster >>> blockBits;
    if (index != heldIndex) {
      release();
      held = metadata.refcounts.block(cluster);
      heldIndex = index;
    }
    return held.isEmpty()
        ? 0
        : RefcountFormat.get(held.get().content, order, (int) cluster & entryMask);
  }

  /** Whether the block that was used last is, byte by byte, like this one. */
  boolean heldIsLike(ByteBuffer block) {
    return held.isPresent() && held.get().content.duplicate().clear().mismatch(block) < 0;
  }

  void release() {
    held.ifPresent(metadata.refcountCache::release);
    held = Optional.empty();
    heldIndex = -1;
  }
}
