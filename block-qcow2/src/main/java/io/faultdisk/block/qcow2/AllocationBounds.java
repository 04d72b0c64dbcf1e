package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.util.Optional;

/**
 * Works out what a write to a run of clusters has to do besides writing its data: which bytes
 * around them are to be copied, whether any entry changes at all. Under the metadata lock.
 */
final class AllocationBounds {
  private final Metadata metadata;
  private final Geometry geometry;
  private final L2Slice slice;
  private final int index;
  private final long guestOffset;

  /** Relative to the start of the first cluster, as all of an {@link Allocation}. */
  private final long dataFrom;

  private final long dataTo;
  private final int clusters;

  /**
   * @param index of the first cluster in its slice
   * @param guestOffset first byte of the data; together with {@code bytes} within the slice
   */
  AllocationBounds(Metadata metadata, L2Slice slice, int index, long guestOffset, long bytes) {
    this.metadata = metadata;
    this.geometry = metadata.geometry;
    this.slice = slice;
    this.index = index;
    this.guestOffset = guestOffset;
    this.dataFrom = geometry.offsetIntoCluster(guestOffset);
    this.dataTo = dataFrom + bytes;
    this.clusters = (int) geometry.clusters(dataTo);
  }

  /** For clusters that get a new place: there is always something to link. */
  Allocation newPlace(long hostStart) throws BlockIoException {
    requireValid();
    return allocation(hostStart, false, newFrom(), newTo());
  }

  /** For clusters that keep their place: empty if all that is written is valid data already. */
  Optional<Allocation> samePlace(long hostStart) throws BlockIoException {
    requireValid();
    if (isAllNormal()) {
      return Optional.empty();
    }
    int subcluster = geometry.subclusterSize();
    boolean firstNormal = firstType() == ClusterMap.Type.NORMAL;
    boolean lastNormal = lastType() == ClusterMap.Type.NORMAL;
    long from = firstNormal ? dataFrom : dataFrom & -(long) subcluster;
    long to = lastNormal ? dataTo : roundUp(dataTo, subcluster);
    return Optional.of(allocation(hostStart, true, from, to));
  }

  private Allocation allocation(long hostStart, boolean keepsPlace, long cowFrom, long cowTo) {
    long guestStart = geometry.startOfCluster(guestOffset);
    return new Allocation(
        guestStart, hostStart, clusters, keepsPlace, cowFrom, dataFrom, dataTo, cowTo);
  }

  private void requireValid() throws BlockIoException {
    for (int i = index; i < index + clusters; i++) {
      if (Subclusters.isInvalid(slice.entry(i), slice.bitmap(i), geometry)) {
        int l1Index = (int) L2Tables.l1Index(guestOffset, geometry);
        long table = metadata.l1.entry(l1Index) & L2Entry.L1_OFFSET_MASK;
        throw ClusterMap.invalidForWrite(metadata, table, i);
      }
    }
  }

  private boolean isAllNormal() {
    for (int i = 0; i < clusters; i++) {
      long start = (long) i << geometry.clusterBits();
      int first = subcluster(Math.max(dataFrom, start));
      int last = subcluster(Math.min(dataTo, start + geometry.clusterSize()) - 1);
      long bitmap = slice.bitmap(index + i);
      ClusterMap.Type type = Subclusters.type(slice.entry(index + i), bitmap, first, geometry);
      if (type != ClusterMap.Type.NORMAL
          || first + Subclusters.run(type, bitmap, first, geometry) <= last) {
        return false;
      }
    }
    return true;
  }

  /** Where copying begins: leading subclusters that hold nothing need not be copied. */
  private long newFrom() {
    int first = subcluster(dataFrom);
    return switch (firstType()) {
      case COMPRESSED -> 0;
      case NORMAL, ZERO_ALLOCATED, UNALLOCATED_ALLOCATED -> {
        int empty = Integer.numberOfTrailingZeros((int) slice.bitmap(index));
        yield geometry.extendedL2() ? bytes(Math.min(first, empty)) : 0;
      }
      case ZERO_PLAIN, UNALLOCATED_PLAIN -> bytes(first);
    };
  }

  /** Where copying ends. */
  private long newTo() {
    long end = (long) clusters << geometry.clusterBits();
    return switch (lastType()) {
      case COMPRESSED -> end;
      case NORMAL, ZERO_ALLOCATED, UNALLOCATED_ALLOCATED -> {
        int behind = geometry.subclustersPerCluster() - subcluster(dataTo - 1) - 1;
        int empty = Integer.numberOfLeadingZeros((int) slice.bitmap(index + clusters - 1));
        yield geometry.extendedL2() ? end - bytes(Math.min(behind, empty)) : end;
      }
      case ZERO_PLAIN, UNALLOCATED_PLAIN -> roundUp(dataTo, geometry.subclusterSize());
    };
  }

  private ClusterMap.Type firstType() {
    return type(index, dataFrom);
  }

  private ClusterMap.Type lastType() {
    return type(index + clusters - 1, dataTo - 1);
  }

  private ClusterMap.Type type(int at, long offset) {
    return Subclusters.type(slice.entry(at), slice.bitmap(at), subcluster(offset), geometry);
  }

  private int subcluster(long offset) {
    return (int) geometry.offsetIntoCluster(offset) / geometry.subclusterSize();
  }

  private long bytes(int subclusters) {
    return (long) subclusters * geometry.subclusterSize();
  }

  private static long roundUp(long offset, int unit) {
    return (offset + unit - 1) & -(long) unit;
  }
}
