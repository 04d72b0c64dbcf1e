package io.faultdisk.block.qcow2;

/**
 * The sizes that everything else is computed from. Immutable; replaced as a whole when an amendment
 * changes the refcount width.
 *
 * @param version 2 or 3
 * @param clusterBits 9 to 21
 * @param refcountOrder 0 to 6: refcounts are {@code 1 << refcountOrder} bits wide
 * @param extendedL2 L2 entries are 16 bytes and describe 32 subclusters each
 * @param externalData guest data lie in a file of their own
 */
record Geometry(
    int version, int clusterBits, int refcountOrder, boolean extendedL2, boolean externalData) {

  static final int SUBCLUSTERS = 32;

  int clusterSize() {
    return 1 << clusterBits;
  }

  /** Bytes of one L2 entry: 8 or 16. */
  int l2EntryBytes() {
    return extendedL2 ? 16 : 8;
  }

  /** Entries of a whole L2 table, which fills one cluster. */
  int l2Entries() {
    return clusterSize() / l2EntryBytes();
  }

  /** Guest bytes that one L2 table describes. */
  long l2Reach() {
    return (long) l2Entries() << clusterBits;
  }

  int subclustersPerCluster() {
    return extendedL2 ? SUBCLUSTERS : 1;
  }

  int subclusterSize() {
    return clusterSize() / subclustersPerCluster();
  }

  int refcountBits() {
    return 1 << refcountOrder;
  }

  /** Largest refcount, as an unsigned number. */
  long refcountMax() {
    return refcountOrder == 6 ? -1L >>> 1 : (1L << refcountBits()) - 1;
  }

  /** Refcounts in one refcount block, which fills one cluster. */
  int refcountBlockEntries() {
    return (clusterSize() * 8) >> refcountOrder;
  }

  long offsetIntoCluster(long offset) {
    return offset & (clusterSize() - 1);
  }

  long startOfCluster(long offset) {
    return offset & -(long) clusterSize();
  }

  /** Clusters that {@code bytes} fill, the last one perhaps in part. */
  long clusters(long bytes) {
    return (bytes + clusterSize() - 1) >>> clusterBits;
  }

  /** Rounded up to whole clusters. */
  long roundUp(long bytes) {
    return (bytes + clusterSize() - 1) & -(long) clusterSize();
  }

  /** L1 entries that a disk of that size needs. */
  long l1EntriesFor(long bytes) {
    long reach = l2Reach();
    return bytes / reach + (bytes % reach == 0 ? 0 : 1);
  }
}
