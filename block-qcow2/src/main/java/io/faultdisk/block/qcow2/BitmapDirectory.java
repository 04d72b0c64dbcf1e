package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;

/** The persistent dirty bitmaps that an image stores. */
final class BitmapDirectory {
  BitmapDirectory(Metadata metadata) {}

  /**
   * Loads the bitmaps while the image is opened (read-write: those in the file are marked in use).
   */
  void load() throws UsageException, BlockIoException {
    throw new UnsupportedOperationException("H4");
  }

  /** Writes all persistent bitmaps back when the image is closed or reopened read-only. */
  void store() throws UsageException {
    throw new UnsupportedOperationException("H4");
  }
}
