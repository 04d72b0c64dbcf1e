package io.faultdisk.block.qcow2;

/**
 * Finds data that are already there, without taking the metadata lock and without making objects:
 * the way of nearly all requests once an image is in use.
 *
 * <p>It only answers if everything is as plain as can be: nobody has the lock (a request that is
 * stopped while it holds it stops others, so those must notice), all of the range is valid data in
 * one stretch or, for a read, not allocated at all, and the L2 table is cached. Any doubt is a
 * {@link #MISS}, and the caller takes the ordinary way. Any thread.
 */
final class QuickLookup {
  static final long MISS = -1;

  /** All of the range reads as zero, and nothing needs to be asked for that. */
  static final long ZEROES = -2;

  private final Metadata metadata;

  QuickLookup(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Where data are to be read from, {@link #ZEROES} or {@link #MISS}. */
  long forRead(long offset, int bytes) {
    return find(offset, bytes, 0);
  }

  /** Where data can be written in place, or {@link #MISS}. */
  long forWrite(long offset, int bytes) {
    return metadata.inFlight.isEmpty() ? find(offset, bytes, L2Entry.COPIED) : MISS;
  }

  /**
   * @param required flag that the entries must have
   */
  private long find(long offset, int bytes, long required) {
    if (!metadata.lock.isFree() || metadata.dead || bytes == 0) {
      return MISS;
    }
    Geometry geometry = metadata.geometry;
    long l1Index = L2Tables.l1Index(offset, geometry);
    if (l1Index >= Integer.MAX_VALUE) {
      return MISS;
    }
    long l1Entry = metadata.l1.entry((int) l1Index);
    long table = l1Entry & L2Entry.L1_OFFSET_MASK;
    if (table == 0) {
      return required == 0 && l1Index == L2Tables.l1Index(offset + bytes - 1, geometry)
          ? zeroes()
          : MISS;
    }
    if (geometry.offsetIntoCluster(table) != 0 || (l1Entry & required) != required) {
      return MISS;
    }
    TableCache cache = metadata.l2Cache;
    int entryBytes = geometry.l2EntryBytes();
    long at = (offset >>> geometry.clusterBits() & geometry.l2Entries() - 1) * entryBytes;
    long sliceStart = table + (at & -cache.tableBytes());
    CachedTable slice = cache.peek(sliceStart);
    if (slice == null) {
      return MISS;
    }
    int seen = slice.generation();
    if (slice.offset != sliceStart) {
      return MISS;
    }
    int inSlice = (int) (at & cache.tableBytes() - 1);
    long host = find(slice, inSlice / entryBytes, geometry, offset, bytes, required);
    if (host == MISS || !slice.unchangedSince(seen)) {
      return MISS;
    }
    cache.touch(slice);
    return host;
  }

  private long find(
      CachedTable slice, int index, Geometry geometry, long offset, int bytes, long required) {
    int step = geometry.extendedL2() ? 2 : 1;
    long intoCluster = geometry.offsetIntoCluster(offset);
    long end = intoCluster + bytes;
    int clusters = (int) geometry.clusters(end);
    if ((index + clusters) * geometry.l2EntryBytes() > slice.content.capacity()) {
      return MISS;
    }
    long first = slice.word(index * step) & L2Entry.OFFSET_MASK;
    if (first == 0 && required == 0 && areEmpty(slice, index * step, clusters * step)) {
      return zeroes();
    }
    if (first == 0 || geometry.offsetIntoCluster(first) != 0) {
      return MISS;
    }
    if (geometry.externalData() && first + intoCluster != offset) {
      return MISS;
    }
    for (int i = 0; i < clusters; i++) {
      long entry = slice.word((index + i) * step);
      long start = (long) i << geometry.clusterBits();
      if ((entry & L2Entry.OFFSET_MASK) != first + start
          || (entry & (L2Entry.COMPRESSED | L2Entry.ZERO)) != 0
          || (entry & required) != required) {
        return MISS;
      }
      if (geometry.extendedL2()
          && !isAllocated(
              slice.word((index + i) * step + 1),
              geometry,
              Math.max(intoCluster - start, 0),
              Math.min(end - start, geometry.clusterSize()))) {
        return MISS;
      }
    }
    return first + intoCluster;
  }

  private long zeroes() {
    return metadata.self().backing().isEmpty() ? ZEROES : MISS;
  }

  private static boolean areEmpty(CachedTable slice, int from, int words) {
    for (int i = from; i < from + words; i++) {
      if (slice.word(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether all subclusters that {@code [from, to)} of a cluster touches hold data. */
  private static boolean isAllocated(long bitmap, Geometry geometry, long from, long to) {
    int subcluster = geometry.subclusterSize();
    long range = Subclusters.range((int) (from / subcluster), (int) ((to - 1) / subcluster) + 1);
    boolean valid = (bitmap >>> 32 & bitmap) == 0;
    return valid && (bitmap & range) == range;
  }
}
