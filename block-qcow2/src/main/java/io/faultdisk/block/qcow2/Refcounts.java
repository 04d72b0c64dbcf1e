package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/**
 * Counts how often each cluster of the image file is used, and from that finds free ones.
 *
 * <p>All methods are called under the metadata lock; each can be stopped at an event.
 */
final class Refcounts {
  Refcounts(Metadata metadata) {
    throw new UnsupportedOperationException("H1");
  }

  /** How often a cluster is used; EIO (and a corruption report) if its refcount block is broken. */
  long get(long clusterIndex) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Event {@code cluster_alloc}; finds and counts consecutive clusters for {@code bytes}. Returns
   * their offset.
   */
  long allocate(long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Takes up to {@code clusters} free clusters at exactly that offset; returns how many. No event.
   */
  long allocateAt(long offset, long clusters) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Room for compressed data, which may share a cluster with others. Event {@code
   * cluster_alloc_bytes}.
   */
  long allocateBytes(int bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** Event {@code cluster_free}; a failure is reported on stderr and otherwise ignored. */
  void free(long offset, long bytes, DiscardType type) {
    throw new UnsupportedOperationException("H1");
  }

  /** Frees what an L2 entry points to: a cluster, a preallocated one, or compressed data. */
  void freeAny(long l2Entry, DiscardType type) {
    throw new UnsupportedOperationException("H1");
  }

  /** Adds to the refcounts of a range of clusters; undone on error. */
  void update(long offset, long bytes, long addend, boolean decrease, DiscardType type)
      throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** Changes one cluster's refcount by {@code addend}. */
  void updateCluster(long clusterIndex, long addend, boolean decrease, DiscardType type)
      throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Adds to the refcounts of everything that an L1 table refers to (-1, 0 or 1), and sets the
   * COPIED flags of the entries accordingly.
   */
  void updateSnapshot(long l1Offset, int l1Entries, int addend) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** Writes both caches in the right order, without a flush of the file. */
  void writeCaches() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** {@link #writeCaches}, then a flush of the file. */
  void flushCaches() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Between these two, discards of freed clusters are only collected; {@link #processDiscards}
   * passes them on (or drops them after a failure).
   */
  void holdDiscards() {
    throw new UnsupportedOperationException("H1");
  }

  void processDiscards(boolean succeeded) {
    throw new UnsupportedOperationException("H1");
  }

  /** Index of the last cluster in use, for a file of that length. */
  long lastCluster(long fileBytes) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** Where the search for free clusters begins (cluster index). */
  long firstFree() {
    throw new UnsupportedOperationException("H1");
  }

  void firstFree(long clusterIndex) {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Makes a refcount structure that covers {@code [startOffset, ...)} and itself, as when the table
   * must grow; returns the offset behind it.
   */
  long growTable(
      long startOffset,
      long additionalClusters,
      boolean exactSize,
      int newBlockIndex,
      long newBlockOffset)
      throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** Drops refcount blocks that count nothing from the table, after the image was cut. */
  void shrinkTable() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Forgets the place where the last compressed data ended, so that the next gets a new cluster.
   */
  void endCompressedRun() {
    throw new UnsupportedOperationException("H1");
  }
}
