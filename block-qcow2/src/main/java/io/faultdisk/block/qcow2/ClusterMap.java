package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Where a guest's bytes are. */
final class ClusterMap {
  ClusterMap(Metadata metadata) {}

  /** What a stretch of guest bytes is; the subcluster types of the format. */
  enum Type {
    UNALLOCATED_PLAIN,
    UNALLOCATED_ALLOCATED,
    ZERO_PLAIN,
    ZERO_ALLOCATED,
    NORMAL,
    COMPRESSED
  }

  /**
   * A stretch of guest bytes of one type, contiguous in the file.
   *
   * @param host offset in the data file, 0 if there is none; for compressed data the L2 entry
   * @param bytes how many bytes from the asked offset on
   */
  record Stretch(Type type, long host, long bytes) {}

  /** The first stretch at {@code offset}, at most {@code bytes} long. Under the metadata lock. */
  Stretch find(long offset, long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }
}
