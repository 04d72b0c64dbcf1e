package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;

/**
 * Changes the options of an open image, and makes it read-only or writable. Nothing else uses the
 * image meanwhile.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Reopening {
  private final Metadata metadata;

  Reopening(Metadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Takes over options; an image that becomes read-only is left as when it is closed. The file
   * below is as it was.
   *
   * @throws UsageException with the text for the user; the options are then the old ones
   */
  void change(OpenFlags flags, Options options) throws UsageException {
    RuntimeOptions next =
        RuntimeOptions.take(options, metadata.header, metadata.geometry, flags.unmap());
    try {
      metadata.l2Cache.flush();
    } catch (BlockIoException e) {
      throw HeaderReader.failed("Failed to flush the L2 table cache", e);
    }
    try {
      metadata.refcountCache.flush();
    } catch (BlockIoException e) {
      throw HeaderReader.failed("Failed to flush the refcount block cache", e);
    }
    if (metadata.lazyRefcounts && !next.lazyRefcounts()) {
      try {
        metadata.markClean();
      } catch (BlockIoException e) {
        throw HeaderReader.failed("Failed to disable lazy refcounts", e);
      }
    }
    if (flags.readOnly()) {
      finishWriting();
    }
    metadata.use(next);
    metadata.flags = flags;
  }

  private void finishWriting() throws UsageException {
    metadata.bitmaps.reopenReadOnly();
    try {
      metadata.self().flush();
      metadata.markClean();
    } catch (BlockIoException e) {
      throw new UsageException(
          "failed while preparing to reopen image '" + metadata.self().filename() + "'");
    }
  }

  /** All of the graph has been reopened. A failure leaves the bitmaps read-only. */
  void done() {
    if (metadata.flags.readOnly()) {
      return;
    }
    try {
      metadata.bitmaps.reopenWritable();
    } catch (UsageException e) {
      metadata.errors.accept(
          metadata.nodeName() + ": Failed to make dirty bitmaps writable: " + e.getMessage());
    }
  }
}
