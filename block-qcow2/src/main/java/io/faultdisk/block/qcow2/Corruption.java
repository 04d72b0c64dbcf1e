package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;

/**
 * What happens when the metadata turn out to be damaged: one line to the user, the corrupt bit in
 * the header, and the node closed to further requests, unless the damage is not fatal.
 *
 * <p>Only the first damage is reported; after one that was not fatal, also the first fatal one.
 * Under the metadata lock, or while nothing else uses the image.
 */
final class Corruption {
  private final Metadata metadata;
  private volatile boolean reported;

  Corruption(Metadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Reports damage.
   *
   * @param fatal writing on could destroy data: mark the image and stop using it (if writable)
   * @param offset the place in the image file that is concerned, or -1
   * @return EIO, for the caller to throw
   */
  BlockIoException found(boolean fatal, long offset, long bytes, String text) {
    boolean stop = fatal && !metadata.flags.readOnly();
    if (reported && (!stop || metadata.header.isCorrupt())) {
      return new BlockIoException(Errno.EIO);
    }
    if (stop) {
      metadata.messages.accept(
          "qcow2: Marking image as corrupt: "
              + text
              + "; further corruption events will be suppressed");
      try {
        metadata.markCorrupt();
      } catch (BlockIoException e) {
        // The image is no longer used; that the header could not say so changes nothing.
      }
      metadata.dead = true;
    } else {
      metadata.messages.accept(
          "qcow2: Image is corrupt: "
              + text
              + "; further non-fatal corruption events will be suppressed");
    }
    reported = true;
    return new BlockIoException(Errno.EIO);
  }
}
