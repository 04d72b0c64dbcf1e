package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;

/**
 * The active L2 tables: finds the cached piece (slice) for a guest offset, and for writers makes
 * tables that are missing or shared with a snapshot. Under the metadata lock.
 */
final class L2Tables {
  private final Metadata metadata;

  L2Tables(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Which L1 entry is responsible for a guest offset. */
  static long l1Index(long offset, Geometry geometry) {
    return offset >>> l2ReachBits(geometry);
  }

  private static int l2ReachBits(Geometry geometry) {
    return 2 * geometry.clusterBits() - (geometry.extendedL2() ? 4 : 3);
  }

  /** Entries of one slice. */
  int sliceEntries() {
    return metadata.l2Cache.tableBytes() / metadata.geometry.l2EntryBytes();
  }

  /** Which entry of its slice is responsible for a guest offset. */
  int sliceIndex(long offset) {
    return (int) (offset >>> metadata.geometry.clusterBits()) & (sliceEntries() - 1);
  }

  /** The slice for a guest offset in the L2 table at {@code table}. The caller releases it. */
  L2Slice load(long offset, long table) throws BlockIoException {
    return slice(metadata.l2Cache.get(table + sliceStart(offset)));
  }

  /** Where in its L2 table the slice for a guest offset begins, in bytes. */
  private long sliceStart(long offset) {
    Geometry geometry = metadata.geometry;
    long index = (offset >>> geometry.clusterBits()) & (geometry.l2Entries() - 1);
    return (index - sliceIndex(offset)) * geometry.l2EntryBytes();
  }

  /**
   * The slice for a guest offset, for changing it: the L1 table is made longer and the L2 table
   * allocated or copied as needed. The caller releases it.
   */
  L2Slice forWrite(long offset) throws BlockIoException {
    long l1Index = l1Index(offset, metadata.geometry);
    metadata.l1.grow(l1Index + 1, false);
    int index = (int) l1Index;
    long entry = metadata.l1.entry(index);
    long table = entry & L2Entry.L1_OFFSET_MASK;
    requireAligned(table, index);
    if ((entry & L2Entry.COPIED) == 0) {
      allocate(index);
      if (table != 0) {
        metadata.refcounts.free(table, metadata.geometry.clusterSize(), DiscardType.OTHER);
      }
      table = metadata.l1.entry(index) & L2Entry.L1_OFFSET_MASK;
    }
    return load(offset, table);
  }

  /**
   * @throws BlockIoException EIO if an L2 table does not begin at a cluster; reported as corruption
   */
  void requireAligned(long table, long l1Index) throws BlockIoException {
    if (metadata.geometry.offsetIntoCluster(table) != 0) {
      String text = "L2 table offset " + hex(table) + " unaligned (L1 index: " + hex(l1Index) + ")";
      throw metadata.corruption.found(true, -1, -1, text);
    }
  }

  void release(L2Slice slice) {
    metadata.l2Cache.release(slice.table());
  }

  void markDirty(L2Slice slice) {
    metadata.l2Cache.markDirty(slice.table());
  }

  /** As C's {@code %#x}: zero has no prefix. */
  static String hex(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }

  private L2Slice slice(CachedTable table) {
    return new L2Slice(table, metadata.geometry.extendedL2());
  }

  /** Gives an L1 entry a table of its own: empty, or a copy of the shared one. */
  private void allocate(int l1Index) throws BlockIoException {
    long old = metadata.l1.entry(l1Index);
    int bytes = metadata.geometry.clusterSize();
    long table = metadata.refcounts.allocate(bytes);
    try {
      if (table == 0) {
        String text = "Preventing invalid allocation of L2 table at offset 0";
        throw metadata.corruption.found(true, -1, -1, text);
      }
      metadata.refcountCache.flush();
      int step = metadata.l2Cache.tableBytes();
      for (int start = 0; start < bytes; start += step) {
        fill(table + start, old & L2Entry.L1_OFFSET_MASK, start);
      }
      metadata.l2Cache.flush();
      metadata.l1.set(l1Index, table | L2Entry.COPIED);
      metadata.l1.writeEntry(l1Index);
    } catch (BlockIoException e) {
      metadata.l1.set(l1Index, old);
      if (table > 0) {
        metadata.refcounts.free(table, bytes, DiscardType.ALWAYS);
      }
      throw e;
    }
  }

  private void fill(long at, long oldTable, int start) throws BlockIoException {
    TableCache cache = metadata.l2Cache;
    CachedTable slice = cache.getEmpty(at);
    try {
      if (oldTable == 0) {
        for (int i = 0; i < cache.tableBytes() / Long.BYTES; i++) {
          slice.word(i, 0);
        }
      } else {
        metadata.announce(QemuEvents.L2_ALLOC_COW_READ, RequestType.READ);
        CachedTable shared = cache.get(oldTable + start);
        slice.content.put(0, shared.content, 0, cache.tableBytes());
        cache.release(shared);
      }
      metadata.announce(QemuEvents.L2_ALLOC_WRITE, RequestType.WRITE);
      cache.markDirty(slice);
    } finally {
      cache.release(slice);
    }
  }
}
