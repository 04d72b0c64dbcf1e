package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Finds or makes room for guest data and links it into the tables. */
final class ClusterWriter {
  ClusterWriter(Metadata metadata) {}

  /**
   * Allocates and links clusters for a range without writing data, as preallocation does; the
   * caller holds no lock.
   *
   * @return host offset behind the last cluster that was used
   */
  long preallocate(long offset, long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }
}
