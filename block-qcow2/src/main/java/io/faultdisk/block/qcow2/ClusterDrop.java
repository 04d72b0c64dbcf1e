package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Takes clusters away: discards, and zero writes that need no data. Under the metadata lock. */
final class ClusterDrop {
  ClusterDrop(Metadata metadata) {}

  /**
   * Drops clusters.
   *
   * @param offset start of a cluster
   * @param bytes whole clusters, or up to the end of the disk
   * @param full make them unallocated even if a backing file would show through
   */
  void discard(long offset, long bytes, DiscardType type, boolean full) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /**
   * Makes whole subclusters read as zero.
   *
   * @throws BlockIoException ENOTSUP where the format cannot say so
   */
  void zeroize(long offset, long bytes, int flags) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /** Turns zero clusters into such that version 2 can express (allocated, full of zeroes). */
  void expandZeroClusters(Progress progress) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /** Told how far an expansion is, in L1 entries. */
  interface Progress {
    void at(long done, long total);
  }
}
