package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Keeps writes from hitting metadata that they do not mean to hit. */
final class OverlapCheck {
  /** Kinds of metadata; also the order in which an overlap is looked for. */
  static final int MAIN_HEADER = 1;

  static final int ACTIVE_L1 = 1 << 1;
  static final int ACTIVE_L2 = 1 << 2;
  static final int REFCOUNT_BLOCK = 1 << 3;
  static final int REFCOUNT_TABLE = 1 << 4;
  static final int SNAPSHOT_TABLE = 1 << 5;
  static final int INACTIVE_L1 = 1 << 6;
  static final int INACTIVE_L2 = 1 << 7;
  static final int BITMAP_DIRECTORY = 1 << 8;

  static final int NONE = 0;
  static final int CONSTANT = MAIN_HEADER | REFCOUNT_TABLE | SNAPSHOT_TABLE | BITMAP_DIRECTORY;
  static final int CACHED = CONSTANT | ACTIVE_L1 | ACTIVE_L2 | REFCOUNT_BLOCK | INACTIVE_L1;
  static final int ALL = CACHED | INACTIVE_L2;

  OverlapCheck(Metadata metadata, int kinds) {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Refuses a write to the image file that would hit metadata; the image is then marked corrupt.
   *
   * @param ignored kinds that this write may hit
   * @param toDataFile the write goes to the data file: no check if that is an external one
   * @throws BlockIoException with EIO
   */
  void beforeWrite(int ignored, long offset, long bytes, boolean toDataFile)
      throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** The kind that a write would hit, 0 if none; nothing is reported. */
  int hit(int ignored, long offset, long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }
}
