package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;

/**
 * Replaces all zero clusters, since version 2 of the format has none: those that a backing file
 * would show through get clusters full of zeroes, those that have a place are zeroed there, the
 * others become unallocated. Snapshots included. Under the metadata lock; not for extended L2
 * entries.
 */
final class ZeroExpansion {
  private final Metadata metadata;
  private final ClusterDrop.Progress progress;
  private long done;
  private long total;

  ZeroExpansion(Metadata metadata, ClusterDrop.Progress progress) {
    this.metadata = metadata;
    this.progress = progress;
  }

  void run() throws BlockIoException {
    total = metadata.l1.size();
    for (SnapshotTable.Entry snapshot : metadata.snapshots.entries()) {
      total += snapshot.l1Entries();
    }
    expand(metadata.l1.copy(), true);
    // Snapshots may share tables with the active L1: what they see must be in the file, and what
    // is cached is about to change there.
    metadata.l2Cache.empty();
    for (SnapshotTable.Entry snapshot : metadata.snapshots.entries()) {
      try {
        metadata.validateTable(
            snapshot.l1Offset(),
            snapshot.l1Entries(),
            L1Table.ENTRY,
            L1Table.MAX_BYTES,
            "Snapshot L1 table");
      } catch (BlockIoException e) {
        metadata.errors.accept(e.reason());
        throw e;
      }
      expand(metadata.readTable(snapshot.l1Offset(), (int) snapshot.l1Entries()), false);
    }
  }

  private void expand(long[] l1, boolean active) throws BlockIoException {
    for (int i = 0; i < l1.length; i++) {
      long table = l1[i] & L2Entry.L1_OFFSET_MASK;
      if (table != 0) {
        expandTable(table, i, active);
      }
      done++;
      progress.at(done, total);
    }
  }

  private void expandTable(long table, int l1Index, boolean active) throws BlockIoException {
    new L2Tables(metadata).requireAligned(table, l1Index);
    long refcount = metadata.refcounts.get(table >>> metadata.geometry.clusterBits());
    int step = metadata.l2Cache.tableBytes();
    for (int start = 0; start < metadata.geometry.clusterSize(); start += step) {
      if (active) {
        expandCached(table, start, refcount);
      } else {
        expandStored(table, start, refcount);
      }
    }
  }

  private void expandCached(long table, int start, long refcount) throws BlockIoException {
    CachedTable slice = metadata.l2Cache.get(table + start);
    try {
      if (expandSlice(slice, table, start, refcount)) {
        metadata.l2Cache.markDirty(slice);
        metadata.l2Cache.dependsOnFlush();
      }
    } finally {
      metadata.l2Cache.release(slice);
    }
  }

  private void expandStored(long table, int start, long refcount) throws BlockIoException {
    int bytes = metadata.l2Cache.tableBytes();
    CachedTable slice = new CachedTable(ByteBuffer.allocate(bytes));
    metadata.file.read(table + start, slice.content.duplicate());
    if (expandSlice(slice, table, start, refcount)) {
      int ignored = OverlapCheck.INACTIVE_L2 | OverlapCheck.ACTIVE_L2;
      metadata.overlap.beforeWrite(ignored, table + start, bytes, false);
      metadata.file.write(table + start, slice.content.duplicate(), 0);
    }
  }

  /** Whether anything was changed. */
  private boolean expandSlice(CachedTable slice, long table, int start, long refcount)
      throws BlockIoException {
    boolean changed = false;
    int entries = metadata.l2Cache.tableBytes() / Long.BYTES;
    for (int i = 0; i < entries; i++) {
      L2Entry.Type type = L2Entry.type(slice.word(i), metadata.geometry);
      boolean plain = type == L2Entry.Type.ZERO_PLAIN;
      if (!plain && type != L2Entry.Type.ZERO_ALLOCATED) {
        continue;
      }
      if (plain && metadata.self().backing().isEmpty()) {
        slice.word(i, 0);
      } else {
        long host = plain ? newCluster(refcount) : slice.word(i) & L2Entry.OFFSET_MASK;
        fill(host, table, start / Long.BYTES + i, plain);
        slice.word(i, isCopied(host, refcount) ? host | L2Entry.COPIED : host);
      }
      changed = true;
    }
    return changed;
  }

  /** Whether nobody else uses the cluster: neither with the table nor, as snapshots do, alone. */
  private boolean isCopied(long host, long tableRefcount) throws BlockIoException {
    return tableRefcount == 1
        && (metadata.externalData()
            || metadata.refcounts.get(host >>> metadata.geometry.clusterBits()) == 1);
  }

  /** A cluster that as many tables refer to as share the L2 table. */
  private long newCluster(long refcount) throws BlockIoException {
    int bytes = metadata.geometry.clusterSize();
    long host = metadata.refcounts.allocate(bytes);
    if (refcount > 1) {
      try {
        long index = host >>> metadata.geometry.clusterBits();
        metadata.refcounts.updateCluster(index, refcount - 1, false, DiscardType.OTHER);
      } catch (BlockIoException e) {
        metadata.refcounts.free(host, bytes, DiscardType.OTHER);
        throw e;
      }
    }
    return host;
  }

  private void fill(long host, long table, int index, boolean isNew) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    try {
      if (geometry.offsetIntoCluster(host) != 0) {
        String offset = L2Tables.hex(host);
        String at = " (L2 offset: " + L2Tables.hex(table) + ", L2 index: " + L2Tables.hex(index);
        String text = "Cluster allocation offset " + offset + " unaligned" + at + ")";
        throw metadata.corruption.found(true, -1, -1, text);
      }
      metadata.overlap.beforeWrite(OverlapCheck.NONE, host, geometry.clusterSize(), true);
      metadata.dataFile.writeZeroes(host, geometry.clusterSize(), 0);
    } catch (BlockIoException e) {
      if (isNew) {
        metadata.refcounts.free(host, geometry.clusterSize(), DiscardType.ALWAYS);
      }
      throw e;
    }
  }
}
