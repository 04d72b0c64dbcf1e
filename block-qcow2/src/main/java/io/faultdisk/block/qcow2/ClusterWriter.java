package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Finds or makes room for guest data and links it into the tables. */
final class ClusterWriter {
  ClusterWriter(Metadata metadata) {}

  /**
   * Allocates and links clusters for a range without writing data, as preallocation does (the L2
   * metadata are marked as preallocated: extended L2 entries get no allocated subclusters). Under
   * the metadata lock, which is dropped during copy-on-write.
   *
   * @return host offset behind the last byte of the range
   * @throws BlockIoException reason {@code Allocating clusters failed: ...} or {@code Mapping
   *     clusters failed: ...}
   */
  long preallocate(long offset, long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /**
   * Links clusters that are allocated already into one L2 slice. Under the metadata lock, as {@link
   * #preallocate}.
   *
   * @param guestOffset start of a cluster
   * @param hostOffset the first of the clusters
   * @param cowStartBytes so many bytes at the beginning belong to the guest's old content and are
   *     copied
   * @param preallocated extended L2 entries get no allocated subclusters
   */
  void link(
      long guestOffset, long hostOffset, int clusters, int cowStartBytes, boolean preallocated)
      throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }
}
