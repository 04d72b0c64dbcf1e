package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;

/**
 * Takes clusters away: discards, and zero writes that need no data. Under the metadata lock.
 *
 * <p>Entries are changed first, in the cache, then the clusters are freed. A failure to free leaks
 * them and does not fail the request.
 */
final class ClusterDrop {
  private final Metadata metadata;
  private final L2Tables tables;

  ClusterDrop(Metadata metadata) {
    this.metadata = metadata;
    this.tables = new L2Tables(metadata);
  }

  /**
   * Drops clusters.
   *
   * @param offset start of a cluster
   * @param bytes whole clusters, or up to the end of the disk
   * @param full make them unallocated even if a backing file would show through
   */
  void discard(long offset, long bytes, DiscardType type, boolean full) throws BlockIoException {
    boolean succeeded = false;
    metadata.refcounts.holdDiscards();
    try {
      forEachSlice(offset, bytes, (slice, index) -> discard(slice, index, type, full));
      succeeded = true;
    } finally {
      metadata.refcounts.processDiscards(succeeded);
    }
  }

  private void discard(L2Slice slice, int index, DiscardType type, boolean full) {
    long entry = slice.entry(index);
    long bitmap = slice.bitmap(index);
    Geometry geometry = metadata.geometry;
    long nextEntry = entry;
    long nextBitmap = bitmap;
    if (full) {
      nextEntry = 0;
      nextBitmap = 0;
    } else if (hasBacking() || L2Entry.type(entry, geometry).isAllocated()) {
      nextEntry = geometry.extendedL2() || geometry.version() < 3 ? 0 : L2Entry.ZERO;
      nextBitmap = geometry.extendedL2() ? L2Entry.ALL_ZERO : 0;
    }
    if (change(slice, index, nextEntry, nextBitmap)) {
      metadata.refcounts.freeAny(entry, type);
    }
  }

  /**
   * Makes whole subclusters read as zero.
   *
   * @param offset start of a subcluster
   * @param bytes whole subclusters, or up to the end of the disk
   * @throws BlockIoException ENOTSUP where the format cannot say so
   */
  void zeroize(long offset, long bytes, int flags) throws BlockIoException {
    if (metadata.externalData() && metadata.header.dataFileRaw()) {
      metadata.dataFile.writeZeroes(offset, bytes, flags);
    }
    Geometry geometry = metadata.geometry;
    if (geometry.version() < 3) {
      if (hasBacking()) {
        throw new BlockIoException(Errno.ENOTSUP);
      }
      discard(offset, bytes, DiscardType.REQUEST, false);
      return;
    }
    long end = offset + bytes;
    long first = Math.min(end, geometry.roundUp(offset));
    boolean toDiskEnd = end >= metadata.self().length();
    long last = toDiskEnd ? end : Math.max(first, geometry.startOfCluster(end));
    boolean succeeded = false;
    metadata.refcounts.holdDiscards();
    try {
      if (offset < first) {
        zeroizePart(offset, first - offset);
      }
      forEachSlice(first, last - first, (slice, index) -> zeroize(slice, index, flags));
      if (last < end) {
        zeroizePart(last, end - last);
      }
      succeeded = true;
    } finally {
      metadata.refcounts.processDiscards(succeeded);
    }
  }

  private void zeroize(L2Slice slice, int index, int flags) {
    long entry = slice.entry(index);
    Geometry geometry = metadata.geometry;
    L2Entry.Type type = L2Entry.type(entry, geometry);
    boolean mayUnmap = (flags & RequestFlags.MAY_UNMAP) != 0;
    boolean unmap = type == L2Entry.Type.COMPRESSED || (mayUnmap && type.isAllocated());
    long kept = unmap ? 0 : entry;
    boolean changed =
        geometry.extendedL2()
            ? change(slice, index, kept, L2Entry.ALL_ZERO)
            : change(slice, index, kept | L2Entry.ZERO, 0);
    if (changed && unmap) {
      metadata.refcounts.freeAny(entry, DiscardType.REQUEST);
    }
  }

  /** Some subclusters of one cluster. */
  private void zeroizePart(long offset, long bytes) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    int subcluster = geometry.subclusterSize();
    int from = (int) geometry.offsetIntoCluster(offset) / subcluster;
    int to = from + (int) ((bytes + subcluster - 1) / subcluster);
    L2Slice slice = tables.forWrite(offset);
    try {
      int index = tables.sliceIndex(offset);
      long entry = slice.entry(index);
      if (L2Entry.type(entry, geometry) == L2Entry.Type.COMPRESSED) {
        throw new BlockIoException(Errno.ENOTSUP);
      }
      change(slice, index, entry, Subclusters.zeroed(slice.bitmap(index), from, to));
    } finally {
      tables.release(slice);
    }
  }

  /** Sets an entry and its bitmap; false if they were like that. */
  private boolean change(L2Slice slice, int index, long entry, long bitmap) {
    if (slice.entry(index) == entry && slice.bitmap(index) == bitmap) {
      return false;
    }
    tables.markDirty(slice);
    slice.entry(index, entry);
    slice.bitmap(index, bitmap);
    return true;
  }

  private interface EntryAction {
    void at(L2Slice slice, int index);
  }

  private void forEachSlice(long offset, long bytes, EntryAction action) throws BlockIoException {
    long at = offset;
    long left = metadata.geometry.clusters(bytes);
    while (left > 0) {
      L2Slice slice = tables.forWrite(at);
      int first = tables.sliceIndex(at);
      int count = (int) Math.min(left, tables.sliceEntries() - first);
      for (int i = first; i < first + count; i++) {
        action.at(slice, i);
      }
      tables.release(slice);
      left -= count;
      at += (long) count << metadata.geometry.clusterBits();
    }
  }

  private boolean hasBacking() {
    return metadata.self().backing().isPresent();
  }

  /** Turns zero clusters into such that version 2 can express (allocated, full of zeroes). */
  void expandZeroClusters(Progress progress) throws BlockIoException {
    new ZeroExpansion(metadata, progress).run();
  }

  /** Told how far an expansion is, in L1 entries. */
  interface Progress {
    void at(long done, long total);
  }
}
