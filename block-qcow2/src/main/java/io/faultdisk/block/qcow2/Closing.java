package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;

/**
 * Leaves an image as it should be found the next time: bitmaps stored, caches written, no dirty
 * bit.
 *
 * <p>What goes wrong is reported and does not keep the image from being closed. Nothing else uses
 * the image meanwhile.
 */
final class Closing {
  private final Metadata metadata;

  Closing(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Idempotent; an image that was found corrupt is left alone. */
  void close() {
    if (metadata.closing || metadata.dead) {
      return;
    }
    metadata.closing = true;
    boolean stored = storeBitmaps();
    stored &= flush(metadata.l2Cache, "L2 table");
    stored &= flush(metadata.refcountCache, "refcount block");
    if (stored) {
      try {
        metadata.markClean();
      } catch (BlockIoException e) {
        // The image stays dirty; the next one to open it will repair it.
      }
    }
  }

  private boolean storeBitmaps() {
    try {
      metadata.bitmaps.store();
      return true;
    } catch (UsageException e) {
      metadata.errors.accept(
          "Lost persistent bitmaps during inactivation of node '"
              + metadata.nodeName()
              + "': "
              + e.getMessage());
      return false;
    }
  }

  private boolean flush(TableCache cache, String name) {
    try {
      cache.flush();
      return true;
    } catch (BlockIoException e) {
      metadata.errors.accept("Failed to flush the " + name + " cache: " + e.errno().text());
      return false;
    }
  }
}
