package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Where a guest's bytes are. */
final class ClusterMap {
  private final Metadata metadata;
  private final L2Tables tables;

  ClusterMap(Metadata metadata) {
    this.metadata = metadata;
    this.tables = new L2Tables(metadata);
  }

  /** What a stretch of guest bytes is; the subcluster types of the format. */
  enum Type {
    UNALLOCATED_PLAIN,
    UNALLOCATED_ALLOCATED,
    ZERO_PLAIN,
    ZERO_ALLOCATED,
    NORMAL,
    COMPRESSED;

    /** Reads as zero whatever the backing file says. */
    boolean isZero() {
      return this == ZERO_PLAIN || this == ZERO_ALLOCATED;
    }

    /** Comes from the backing file. */
    boolean isUnallocated() {
      return this == UNALLOCATED_PLAIN || this == UNALLOCATED_ALLOCATED;
    }

    /** Has a place in the data file (whether or not its content counts). */
    boolean hasPlace() {
      return this == NORMAL || this == ZERO_ALLOCATED || this == UNALLOCATED_ALLOCATED;
    }
  }

  /**
   * A stretch of guest bytes of one type, contiguous in the file.
   *
   * @param host offset in the data file, 0 if there is none; for compressed data the L2 entry
   * @param bytes how many bytes from the asked offset on
   */
  record Stretch(Type type, long host, long bytes) {}

  /** The first stretch at {@code offset}, at most {@code bytes} long. Under the metadata lock. */
  Stretch find(long offset, long bytes) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long intoCluster = geometry.offsetIntoCluster(offset);
    int sliceIndex = tables.sliceIndex(offset);
    long toSliceEnd = (long) (tables.sliceEntries() - sliceIndex) << geometry.clusterBits();
    long wanted = Math.min(bytes + intoCluster, toSliceEnd);

    long l1Index = L2Tables.l1Index(offset, geometry);
    long table = l1Index < metadata.l1.size() ? l2Offset((int) l1Index) : 0;
    if (table == 0) {
      return new Stretch(Type.UNALLOCATED_PLAIN, 0, wanted - intoCluster);
    }
    tables.requireAligned(table, l1Index);
    L2Slice slice = tables.load(offset, table);
    try {
      return find(slice, sliceIndex, table, offset, wanted);
    } finally {
      tables.release(slice);
    }
  }

  private long l2Offset(int l1Index) {
    return metadata.l1.entry(l1Index) & L2Entry.L1_OFFSET_MASK;
  }

  private Stretch find(L2Slice slice, int index, long table, long offset, long wanted)
      throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long intoCluster = geometry.offsetIntoCluster(offset);
    int first = (int) (intoCluster / geometry.subclusterSize());
    long entry = slice.entry(index);
    long bitmap = slice.bitmap(index);
    if (Subclusters.isInvalid(entry, bitmap, geometry)) {
      throw invalid(metadata, table, index);
    }
    Type type = Subclusters.type(entry, bitmap, first, geometry);
    if (geometry.version() < 3 && type.isZero()) {
      throw corrupt("Zero cluster entry found in pre-v3 image", table, index);
    }
    long host =
        switch (type) {
          case UNALLOCATED_PLAIN, ZERO_PLAIN -> 0;
          case UNALLOCATED_ALLOCATED, ZERO_ALLOCATED, NORMAL -> place(entry, table, index, offset);
          case COMPRESSED -> {
            if (metadata.externalData()) {
              String text = "Compressed cluster entry found in image with external data file";
              throw corrupt(text, table, index);
            }
            yield entry;
          }
        };
    int clusters = (int) geometry.clusters(wanted);
    long found = count(slice, index, clusters, first, table);
    long available = (found + first) * geometry.subclusterSize();
    return new Stretch(type, host, Math.min(available, wanted) - intoCluster);
  }

  /** Host offset of a guest byte, checked. */
  private long place(long entry, long table, int index, long offset) throws BlockIoException {
    long cluster = entry & L2Entry.OFFSET_MASK;
    long intoCluster = metadata.geometry.offsetIntoCluster(offset);
    if (metadata.geometry.offsetIntoCluster(cluster) != 0) {
      String text = "Cluster allocation offset " + L2Tables.hex(cluster) + " unaligned";
      throw corrupt(text, table, index);
    }
    if (metadata.externalData() && cluster + intoCluster != offset) {
      String text =
          "External data file host cluster offset "
              + L2Tables.hex(cluster)
              + " does not match guest cluster offset: "
              + L2Tables.hex(offset - intoCluster);
      throw metadata.corruption.found(
          true, -1, -1, text + ", L2 index: " + L2Tables.hex(index) + ")");
    }
    return cluster + intoCluster;
  }

  /**
   * How many subclusters from the given one on have the same type and, if they have a place, lie
   * one after the other; compressed clusters stand alone.
   */
  private long count(L2Slice slice, int index, int clusters, int first, long table)
      throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long entry = slice.entry(index);
    Type type = Subclusters.type(entry, slice.bitmap(index), first, geometry);
    int perCluster = geometry.subclustersPerCluster();
    long count = Subclusters.run(type, slice.bitmap(index), first, geometry);
    if (type == Type.COMPRESSED || first + count < perCluster) {
      return count;
    }
    long expected = entry & L2Entry.OFFSET_MASK;
    for (int i = index + 1; i < index + clusters; i++) {
      long next = slice.entry(i);
      long bitmap = slice.bitmap(i);
      if (Subclusters.isInvalid(next, bitmap, geometry)) {
        throw invalid(metadata, table, i);
      }
      expected += geometry.clusterSize();
      if (Subclusters.type(next, bitmap, 0, geometry) != type
          || (type.hasPlace() && (next & L2Entry.OFFSET_MASK) != expected)) {
        break;
      }
      int run = Subclusters.run(type, bitmap, 0, geometry);
      count += run;
      if (run < perCluster) {
        break;
      }
    }
    return count;
  }

  /** Reports an entry that contradicts its bitmap; one space more than for a write. */
  private BlockIoException invalid(Metadata metadata, long table, int index) {
    return corrupt(metadata, "Invalid cluster entry found ", table, index);
  }

  /** Reports an entry that contradicts its bitmap, found by a write. */
  static BlockIoException invalidForWrite(Metadata metadata, long table, int index) {
    return corrupt(metadata, "Invalid cluster entry found", table, index);
  }

  private BlockIoException corrupt(String text, long table, int index) {
    return corrupt(metadata, text, table, index);
  }

  private static BlockIoException corrupt(Metadata metadata, String text, long table, int index) {
    return metadata.corruption.found(
        true,
        -1,
        -1,
        text + " (L2 offset: " + L2Tables.hex(table) + ", L2 index: " + L2Tables.hex(index) + ")");
  }
}
