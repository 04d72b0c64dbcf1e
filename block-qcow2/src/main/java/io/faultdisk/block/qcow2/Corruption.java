package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/**
 * What happens when the metadata turn out to be damaged: one line to the user, the corrupt bit in
 * the header, and the node closed to further requests, unless the damage is not fatal.
 */
final class Corruption {
  Corruption(Metadata metadata) {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Reports damage.
   *
   * @param fatal writing on could destroy data: mark the image and stop using it (if writable)
   * @param offset the place in the image file that is concerned, or -1
   * @return EIO, for the caller to throw
   */
  BlockIoException found(boolean fatal, long offset, long bytes, String text) {
    throw new UnsupportedOperationException("H1");
  }
}
