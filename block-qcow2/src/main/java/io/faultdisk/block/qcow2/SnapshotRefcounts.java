package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import org.jspecify.annotations.Nullable;

/**
 * Counts everything that an L1 table refers to once more or once less, as when a snapshot is taken
 * or deleted, and sets the COPIED flags to what the counts then say.
 *
 * <p>For one run. The caller does not hold the metadata lock, but nothing else uses the image.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-refcount.c.
 */
final class SnapshotRefcounts {
  /** Stands for the count of data that is never changed in place, whatever its count is. */
  private static final long SHARED = 2;

  private final Metadata metadata;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final int addend;

  /**
   * A run.
   *
   * @param addend -1, 0 (flags only) or 1
   */
  SnapshotRefcounts(Metadata metadata, int addend) {
    this.metadata = metadata;
    this.geometry = metadata.geometry;
    this.refcounts = metadata.refcounts;
    this.addend = addend;
  }

  void update(long l1Offset, int l1Entries) throws BlockIoException {
    boolean active = l1Offset == metadata.l1.offset();
    long[] entries = new long[0];
    boolean changed = false;
    @Nullable BlockIoException failure = null;
    refcounts.holdDiscards();
    try {
      // The active table may be newer in memory than on disk.
      entries = active ? metadata.l1.copy() : metadata.readTable(l1Offset, l1Entries);
      for (int i = 0; i < l1Entries; i++) {
        if (entries[i] != 0) {
          long next = updateL2Table(i, entries[i] & L2Entry.L1_OFFSET_MASK);
          changed |= next != entries[i];
          entries[i] = next;
          if (active) {
            metadata.l1.set(i, next);
          }
        }
      }
      metadata.self().flush();
    } catch (BlockIoException e) {
      failure = e;
    }
    refcounts.processDiscards(failure == null);
    if (failure != null) {
      throw failure;
    }
    // A table that is about to be deleted need not be right.
    if (addend >= 0 && changed) {
      metadata.writeSync(l1Offset, RefcountBlocks.bytes(entries));
    }
  }

  /** Returns the L1 entry as it has to be afterwards. */
  private long updateL2Table(int l1Index, long l2Offset) throws BlockIoException {
    if (geometry.offsetIntoCluster(l2Offset) != 0) {
      throw metadata.corruption.found(
          true,
          -1,
          -1,
          "L2 table offset %#x unaligned (L1 index: %s)"
              .formatted(l2Offset, RefcountBlocks.hex(l1Index)));
    }
    TableCache cache = metadata.l2Cache;
    for (long slice = 0; slice < geometry.clusterSize(); slice += cache.tableBytes()) {
      CachedTable table = cache.get(l2Offset + slice);
      try {
        updateSlice(table, l2Offset, (int) slice / geometry.l2EntryBytes());
      } finally {
        cache.release(table);
      }
    }
    long cluster = l2Offset >>> geometry.clusterBits();
    count(cluster);
    return refcounts.get(cluster) == 1 ? l2Offset | L2Entry.COPIED : l2Offset;
  }

  private void updateSlice(CachedTable table, long l2Offset, int firstIndex)
      throws BlockIoException {
    int step = geometry.l2EntryBytes() / Long.BYTES;
    int words = metadata.l2Cache.tableBytes() / Long.BYTES;
    for (int word = 0; word < words; word += step) {
      long old = table.word(word);
      long entry = old & ~L2Entry.COPIED;
      if (countEntry(entry, l2Offset, firstIndex + word / step) == 1) {
        entry |= L2Entry.COPIED;
      }
      if (entry != old) {
        if (addend > 0) {
          dependOnRefcounts();
        }
        table.word(word, entry);
        metadata.l2Cache.markDirty(table);
      }
    }
  }

  private void dependOnRefcounts() {
    try {
      metadata.l2Cache.dependsOn(metadata.refcountCache);
    } catch (BlockIoException e) {
      // The order could not be set up; the write-back that failed will be tried again.
    }
  }

  /** Returns how often the cluster behind an entry is used afterwards; 0 if there is none. */
  private long countEntry(long entry, long l2Offset, int l2Index) throws BlockIoException {
    return switch (L2Entry.type(entry, geometry)) {
      case COMPRESSED -> {
        if (addend != 0) {
          refcounts.update(
              L2Entry.compressedOffset(entry, geometry),
              L2Entry.compressedBytes(entry, geometry),
              1,
              addend < 0,
              DiscardType.SNAPSHOT);
        }
        yield SHARED;
      }
      case NORMAL, ZERO_ALLOCATED -> {
        long offset = entry & L2Entry.OFFSET_MASK;
        if (geometry.offsetIntoCluster(offset) != 0) {
          throw metadata.corruption.found(
              true,
              -1,
              -1,
              "Cluster allocation offset %#x unaligned (L2 offset: %#x, L2 index: %s)"
                  .formatted(offset, l2Offset, RefcountBlocks.hex(l2Index)));
        }
        long cluster = offset >>> geometry.clusterBits();
        count(cluster);
        yield refcounts.get(cluster);
      }
      case ZERO_PLAIN, UNALLOCATED -> 0L;
    };
  }

  private void count(long cluster) throws BlockIoException {
    if (addend != 0) {
      refcounts.updateCluster(cluster, 1, addend < 0, DiscardType.SNAPSHOT);
    }
  }
}
