package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often each cluster of the image file is used, and from that finds free ones.
 *
 * <p>The search for free clusters goes on where the last one ended; it goes back only when a
 * cluster before that place becomes free, or when an allocation has to start again because a new
 * refcount block took clusters that it had found. Clusters passed over on the way to a failure are
 * not looked at again until the image is opened anew.
 *
 * <p>All methods are called under the metadata lock, except {@link #updateSnapshot}; each can be
 * stopped at an event.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-refcount.c.
 */
final class Refcounts {
  /** What an L2 entry can say. */
  private static final long HOST_OFFSET_MAX = (1L << 56) - 1;

  private final Metadata metadata;
  private final RefcountBlocks blocks;
  private final DiscardQueue discards;

  /** Discards wait for the end of an operation on many clusters. */
  private boolean discardsHeld;

  private long nextFree;

  /** Where the last compressed data ended; 0 if the next needs a new cluster. */
  private long compressedEnd;

  Refcounts(Metadata metadata) {
    this.metadata = metadata;
    this.blocks = new RefcountBlocks(metadata, this);
    this.discards = new DiscardQueue(metadata.file);
  }

  /** How often a cluster is used; EIO (and a corruption report) if its refcount block is broken. */
  long get(long clusterIndex) throws BlockIoException {
    long offset = blocks.offset(clusterIndex);
    if (offset == 0) {
      return 0;
    }
    CachedTable block = metadata.refcountCache.get(offset);
    long count =
        RefcountFormat.get(
            block.content, metadata.geometry.refcountOrder(), blocks.indexInBlock(clusterIndex));
    metadata.refcountCache.release(block);
    return count;
  }

  /** The block that counts a cluster, held for the caller; empty if there is none. */
  Optional<CachedTable> block(long clusterIndex) throws BlockIoException {
    long offset = blocks.offset(clusterIndex);
    return offset == 0 ? Optional.empty() : Optional.of(metadata.refcountCache.get(offset));
  }

  /**
   * Event {@code cluster_alloc}; finds and counts consecutive clusters for {@code bytes}. Returns
   * their offset.
   */
  long allocate(long bytes) throws BlockIoException {
    metadata.announce(QemuEvents.CLUSTER_ALLOC, RequestType.WRITE);
    while (true) {
      long offset = findFree(bytes, HOST_OFFSET_MAX);
      if (tryUpdate(offset, bytes, 1, false, DiscardType.NEVER)) {
        return offset;
      }
    }
  }

  /**
   * Takes up to {@code clusters} free clusters at exactly that offset; returns how many. No event.
   */
  long allocateAt(long offset, long clusters) throws BlockIoException {
    int clusterBits = metadata.geometry.clusterBits();
    while (clusters > 0) {
      long free = 0;
      while (free < clusters && get((offset >>> clusterBits) + free) == 0) {
        free++;
      }
      if (tryUpdate(offset, free << clusterBits, 1, false, DiscardType.NEVER)) {
        return free;
      }
    }
    return 0;
  }

  /**
   * Room for compressed data, which may share a cluster with others. Event {@code
   * cluster_alloc_bytes}.
   */
  long allocateBytes(int bytes) throws BlockIoException {
    metadata.announce(QemuEvents.CLUSTER_ALLOC_BYTES, RequestType.WRITE);
    Geometry geometry = metadata.geometry;
    long offset = compressedEnd;
    if (offset != 0 && get(offset >>> geometry.clusterBits()) == countMax()) {
      offset = 0;
    }
    long room = geometry.clusterSize() - geometry.offsetIntoCluster(offset);
    boolean done = false;
    while (!done) {
      if (offset == 0 || room < bytes) {
        long cluster = findFree(geometry.clusterSize(), compressedOffsetMax());
        if (cluster == 0) {
          throw metadata.corruption.found(
              true, -1, -1, "Preventing invalid allocation of compressed cluster at offset 0");
        }
        if (offset == 0 || geometry.roundUp(offset) != cluster) {
          offset = cluster;
          room = geometry.clusterSize();
        } else {
          room += geometry.clusterSize();
        }
      }
      done = tryUpdate(offset, bytes, 1, false, DiscardType.NEVER);
      if (!done) {
        offset = 0;
      }
    }
    try {
      metadata.l2Cache.dependsOn(metadata.refcountCache);
    } catch (BlockIoException e) {
      // The order could not be set up; the write-back that failed will be tried again.
    }
    compressedEnd = geometry.offsetIntoCluster(offset + bytes) == 0 ? 0 : offset + bytes;
    return offset;
  }

  private long compressedOffsetMax() {
    int offsetBits = 62 - (metadata.geometry.clusterBits() - 8);
    return Math.min((1L << offsetBits) - 1, HOST_OFFSET_MAX);
  }

  /** The next free consecutive clusters, not counted yet; EFBIG if they end behind {@code max}. */
  long findFree(long bytes, long max) throws BlockIoException {
    // What is about to be dropped must not be given out before it is.
    if (discardsHeld) {
      discards.passOn();
    }
    Geometry geometry = metadata.geometry;
    long clusters = geometry.clusters(bytes);
    long found = 0;
    while (found < clusters) {
      long cluster = nextFree++;
      found = get(cluster) == 0 ? found + 1 : 0;
    }
    if (nextFree > 0 && nextFree - 1 > max >>> geometry.clusterBits()) {
      throw new BlockIoException(Errno.EFBIG);
    }
    return (nextFree - clusters) << geometry.clusterBits();
  }

  /** Event {@code cluster_free}; a failure is reported on stderr and otherwise ignored. */
  void free(long offset, long bytes, DiscardType type) {
    metadata.announce(QemuEvents.CLUSTER_FREE, RequestType.WRITE);
    try {
      update(offset, bytes, 1, true, type);
    } catch (BlockIoException e) {
      metadata.messages.accept("qcow2_free_clusters failed: " + e.errno().text());
    }
  }

  /** Frees what an L2 entry points to: a cluster, a preallocated one, or compressed data. */
  void freeAny(long l2Entry, DiscardType type) {
    Geometry geometry = metadata.geometry;
    L2Entry.Type kind = L2Entry.type(l2Entry, geometry);
    long offset = l2Entry & L2Entry.OFFSET_MASK;
    boolean hasCluster = kind == L2Entry.Type.NORMAL || kind == L2Entry.Type.ZERO_ALLOCATED;
    if (metadata.externalData()) {
      if (hasCluster && metadata.passDiscards.contains(type)) {
        discardData(offset, geometry.clusterSize());
      }
    } else if (kind == L2Entry.Type.COMPRESSED) {
      free(
          L2Entry.compressedOffset(l2Entry, geometry),
          L2Entry.compressedBytes(l2Entry, geometry),
          type);
    } else if (hasCluster && geometry.offsetIntoCluster(offset) == 0) {
      free(offset, geometry.clusterSize(), type);
    } else if (hasCluster) {
      BlockIoException reported =
          metadata.corruption.found(
              false, -1, -1, "Cannot free unaligned cluster %#x".formatted(offset));
      assert reported.errno().equals(Errno.EIO);
    }
  }

  private void discardData(long offset, long bytes) {
    try {
      metadata.dataFile.discard(offset, bytes);
    } catch (BlockIoException e) {
      // A discard is only a hint.
    }
  }

  /**
   * Adds to the refcounts of a range of clusters; undone on error.
   *
   * @throws BlockIoException EINVAL if a count would leave its range; EAGAIN if a refcount block
   *     had to be made, which happens only where no cluster was in use before
   */
  void update(long offset, long bytes, long addend, boolean decrease, DiscardType type)
      throws BlockIoException {
    if (!tryUpdate(offset, bytes, addend, decrease, type)) {
      throw new BlockIoException(Errno.EAGAIN);
    }
  }

  /** Changes one cluster's refcount by {@code addend}. */
  void updateCluster(long clusterIndex, long addend, boolean decrease, DiscardType type)
      throws BlockIoException {
    update(clusterIndex << metadata.geometry.clusterBits(), 1, addend, decrease, type);
  }

  /**
   * As {@link #update}, but false (and everything undone) if a new refcount block may have taken
   * the very clusters that the caller wants.
   */
  boolean tryUpdate(long offset, long bytes, long addend, boolean decrease, DiscardType type)
      throws BlockIoException {
    if (bytes < 0) {
      throw new BlockIoException(Errno.EINVAL);
    }
    if (bytes == 0) {
      return true;
    }
    if (decrease) {
      dependOnL2();
    }
    Geometry geometry = metadata.geometry;
    RefcountUpdate run = new RefcountUpdate(offset, addend, decrease, type);
    long start = geometry.startOfCluster(offset);
    long last = geometry.startOfCluster(offset + bytes - 1);
    long at = start;
    boolean restart = false;
    @Nullable BlockIoException failure = null;
    try {
      while (at <= last && !restart) {
        if (run.fetchBlock(at >>> geometry.clusterBits())) {
          restart = true;
        } else {
          run.change(at >>> geometry.clusterBits());
          at += geometry.clusterSize();
        }
      }
    } catch (BlockIoException e) {
      if (e.errno().equals(Errno.EAGAIN)) {
        restart = true;
      } else {
        failure = e;
      }
    }
    if (restart) {
      nextFree = Math.min(nextFree, start >>> geometry.clusterBits());
    }
    boolean done = failure == null && !restart;
    endOfOperation(done);
    run.releaseBlock();
    if (!done) {
      undo(offset, at - offset, addend, !decrease);
    }
    if (failure != null) {
      throw failure;
    }
    return done;
  }

  /** Freed clusters must not be counted as free on disk while L2 tables on disk still use them. */
  private void dependOnL2() {
    try {
      metadata.refcountCache.dependsOn(metadata.l2Cache);
    } catch (BlockIoException e) {
      // The order could not be set up; the write-back that failed will be tried again.
    }
  }

  /** May succeed where what was tried did not, such as after ENOSPC for a new refcount block. */
  private void undo(long offset, long bytes, long addend, boolean decrease) {
    try {
      if (!tryUpdate(offset, bytes, addend, decrease, DiscardType.NEVER)) {
        return;
      }
    } catch (BlockIoException e) {
      // Then these clusters are leaked.
    }
  }

  /** The largest refcount, as an unsigned number. */
  private long countMax() {
    int bits = metadata.geometry.refcountBits();
    return bits == Long.SIZE ? -1L : (1L << bits) - 1;
  }

  /** The refcount block at hand while the counts of a range are changed one by one. */
  private final class RefcountUpdate {
    private final long offset;
    private final long addend;
    private final boolean decrease;
    private final DiscardType type;
    private @Nullable CachedTable block;
    private long tableIndex = -1;

    RefcountUpdate(long offset, long addend, boolean decrease, DiscardType type) {
      this.offset = offset;
      this.addend = addend;
      this.decrease = decrease;
      this.type = type;
    }

    /** Returns true if the block had to be made. */
    boolean fetchBlock(long cluster) throws BlockIoException {
      long wanted = blocks.index(cluster);
      boolean isNew = false;
      if (wanted != tableIndex) {
        releaseBlock();
        RefcountBlocks.Found found = blocks.getOrMake(cluster);
        block = found.block();
        isNew = found.isNew();
      }
      tableIndex = wanted;
      return isNew;
    }

    void change(long cluster) throws BlockIoException {
      CachedTable held = block;
      if (held == null) {
        throw new IllegalStateException("no refcount block at hand");
      }
      metadata.refcountCache.markDirty(held);
      int order = metadata.geometry.refcountOrder();
      int index = blocks.indexInBlock(cluster);
      long count = changed(RefcountFormat.get(held.content, order, index));
      if (count == 0 && cluster < nextFree) {
        nextFree = cluster;
      }
      RefcountFormat.set(held.content, order, index, count);
      if (count == 0) {
        forgetTables();
        if (metadata.passDiscards.contains(type)) {
          int clusterBits = metadata.geometry.clusterBits();
          discards.add(cluster << clusterBits, 1L << clusterBits);
        }
      }
    }

    private long changed(long count) throws BlockIoException {
      long next = decrease ? count - addend : count + addend;
      boolean overflow =
          decrease
              ? Long.compareUnsigned(next, count) > 0
              : Long.compareUnsigned(next, count) < 0 || Long.compareUnsigned(next, countMax()) > 0;
      if (overflow) {
        throw new BlockIoException(Errno.EINVAL);
      }
      return next;
    }

    /** A free cluster is no table any more: it must not be written back over what comes there. */
    private void forgetTables() throws BlockIoException {
      Optional<CachedTable> counts = metadata.refcountCache.cached(offset);
      if (counts.isPresent()) {
        releaseBlock();
        requireUnused(counts.get());
        metadata.refcountCache.forget(counts.get());
      }
      Optional<CachedTable> slice = metadata.l2Cache.cached(offset);
      if (slice.isPresent()) {
        requireUnused(slice.get());
        metadata.l2Cache.forget(slice.get());
      }
    }

    /** Only in a damaged image does a table describe its own cluster as data. */
    private void requireUnused(CachedTable table) throws BlockIoException {
      if (table.holders != 0) {
        throw metadata.corruption.found(
            true, offset, -1, "Table at offset %#x is freed while it is used".formatted(offset));
      }
    }

    void releaseBlock() {
      CachedTable held = block;
      if (held != null) {
        metadata.refcountCache.release(held);
        block = null;
        tableIndex = -1;
      }
    }
  }

  /** The cluster of a refcount block that was dropped; {@link RefcountBlocks} has counted it. */
  void freed(long offset, long cluster) {
    nextFree = Math.min(nextFree, cluster);
    metadata.refcountCache.cached(offset).ifPresent(metadata.refcountCache::forget);
    discards.add(offset, metadata.geometry.clusterSize());
  }

  /**
   * Adds to the refcounts of everything that an L1 table refers to (-1, 0 or 1), and sets the
   * COPIED flags of the entries accordingly. Flushes the node, so the caller must not hold the
   * metadata lock.
   */
  void updateSnapshot(long l1Offset, int l1Entries, int addend) throws BlockIoException {
    new SnapshotRefcounts(metadata, addend).update(l1Offset, l1Entries);
  }

  /** Writes both caches in the right order, without a flush of the file. */
  void writeCaches() throws BlockIoException {
    metadata.l2Cache.write();
    if (!metadata.header.isDirty()) {
      metadata.refcountCache.write();
    }
  }

  /** {@link #writeCaches}, then a flush of the file. */
  void flushCaches() throws BlockIoException {
    writeCaches();
    metadata.file.flush();
  }

  /**
   * Between these two, discards of freed clusters are only collected; {@link #processDiscards}
   * passes them on (or drops them after a failure).
   */
  void holdDiscards() {
    discardsHeld = true;
  }

  /** The other end of {@link #holdDiscards}. */
  void processDiscards(boolean succeeded) {
    discardsHeld = false;
    endOfOperation(succeeded);
  }

  void endOfOperation(boolean succeeded) {
    if (discardsHeld) {
      return;
    }
    if (succeeded) {
      discards.passOn();
    } else {
      discards.forget();
    }
  }

  /** Index of the last cluster in use, for a file of that length. */
  long lastCluster(long fileBytes) throws BlockIoException {
    int perBlock = metadata.geometry.refcountBlockEntries();
    for (long i = metadata.geometry.clusters(fileBytes) - 1; i >= 0; i--) {
      if (!metadata.refcountTable.hasBlock(i / perBlock)) {
        i -= i % perBlock;
        continue;
      }
      try {
        if (get(i) != 0) {
          return i;
        }
      } catch (BlockIoException e) {
        metadata.messages.accept("Can't get refcount for cluster " + i + ": " + e.errno().text());
        throw e;
      }
    }
    throw metadata.corruption.found(true, -1, -1, "There are no references in the refcount table.");
  }

  /** Where the search for free clusters begins (cluster index). */
  long firstFree() {
    return nextFree;
  }

  void firstFree(long clusterIndex) {
    nextFree = clusterIndex;
  }

  /** See {@link RefcountBlocks#grow}. */
  long growTable(
      long startOffset,
      long additionalClusters,
      boolean exactSize,
      int newBlockIndex,
      long newBlockOffset)
      throws BlockIoException {
    return blocks.grow(startOffset, additionalClusters, exactSize, newBlockIndex, newBlockOffset);
  }

  /** Drops refcount blocks that count nothing from the table, after the image was cut. */
  void shrinkTable() throws BlockIoException {
    blocks.shrink();
  }

  /**
   * Forgets the place where the last compressed data ended, so that the next gets a new cluster.
   */
  void endCompressedRun() {
    compressedEnd = 0;
  }
}
