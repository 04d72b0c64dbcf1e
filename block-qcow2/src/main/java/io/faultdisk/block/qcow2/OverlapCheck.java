package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.util.Optional;

/**
 * Keeps writes from hitting metadata that they do not mean to hit.
 *
 * <p>Under the metadata lock; for writes of data also without it, since what it looks at is read
 * whole and an allocation is made before data go there.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-refcount.c.
 */
final class OverlapCheck {
  /** The image header. */
  static final int MAIN_HEADER = 1;

  static final int ACTIVE_L1 = 1 << 1;
  static final int ACTIVE_L2 = 1 << 2;
  static final int REFCOUNT_BLOCK = 1 << 3;
  static final int REFCOUNT_TABLE = 1 << 4;
  static final int SNAPSHOT_TABLE = 1 << 5;
  static final int INACTIVE_L1 = 1 << 6;
  static final int INACTIVE_L2 = 1 << 7;
  static final int BITMAP_DIRECTORY = 1 << 8;

  static final int NONE = 0;

  /** What can be checked in constant time. */
  static final int CONSTANT =
      MAIN_HEADER | ACTIVE_L1 | REFCOUNT_TABLE | SNAPSHOT_TABLE | BITMAP_DIRECTORY;

  /** What can be checked without I/O. */
  static final int CACHED = CONSTANT | ACTIVE_L2 | REFCOUNT_BLOCK | INACTIVE_L1;

  static final int ALL = CACHED | INACTIVE_L2;

  private static final long REFCOUNT_BLOCK_MASK = -512L;

  private final Metadata metadata;
  private final int kinds;

  OverlapCheck(Metadata metadata, int kinds) {
    this.metadata = metadata;
    this.kinds = kinds;
  }

  /**
   * Refuses a write to the image file that would hit metadata; the image is then marked corrupt.
   *
   * @param ignored kinds that this write may hit
   * @param toDataFile the write goes to the data file: no check if that is an external one
   * @throws BlockIoException with EIO
   */
  void beforeWrite(int ignored, long offset, long bytes, boolean toDataFile)
      throws BlockIoException {
    if (toDataFile && metadata.externalData()) {
      return;
    }
    int hit = hit(ignored, offset, bytes);
    if (hit != NONE) {
      throw metadata.corruption.found(
          true,
          offset,
          bytes,
          "Preventing invalid write on metadata (overlaps with " + name(hit) + ")");
    }
  }

  /** The kind that a write would hit, 0 if none; nothing is reported. */
  int hit(int ignored, long offset, long bytes) throws BlockIoException {
    int wanted = kinds & ~ignored;
    if (bytes == 0 || wanted == NONE) {
      return NONE;
    }
    Geometry geometry = metadata.geometry;
    if ((wanted & MAIN_HEADER) != 0 && Long.compareUnsigned(offset, geometry.clusterSize()) < 0) {
      return MAIN_HEADER;
    }
    long start = geometry.startOfCluster(offset);
    Range range = new Range(start, geometry.roundUp(offset - start + bytes));
    int hit = hitTables(wanted, range);
    if (hit == NONE && (wanted & ACTIVE_L2) != 0 && hitsActiveL2(range)) {
      hit = ACTIVE_L2;
    }
    if (hit == NONE && (wanted & REFCOUNT_BLOCK) != 0 && hitsRefcountBlock(range)) {
      hit = REFCOUNT_BLOCK;
    }
    if (hit == NONE && (wanted & INACTIVE_L2) != 0 && hitsInactiveL2(range)) {
      hit = INACTIVE_L2;
    }
    if (hit == NONE && (wanted & BITMAP_DIRECTORY) != 0 && hitsBitmapDirectory(range)) {
      hit = BITMAP_DIRECTORY;
    }
    return hit;
  }

  /** Whole clusters that are to be written. */
  private record Range(long offset, long bytes) {
    boolean overlaps(long otherOffset, long otherBytes) {
      long last = offset + bytes - 1;
      long otherLast = otherOffset + otherBytes - 1;
      return Long.compareUnsigned(otherLast, offset) >= 0
          && Long.compareUnsigned(last, otherOffset) >= 0;
    }
  }

  private int hitTables(int wanted, Range range) {
    L1Table l1 = metadata.l1;
    if ((wanted & ACTIVE_L1) != 0
        && l1.size() != 0
        && range.overlaps(l1.offset(), (long) l1.size() * Long.BYTES)) {
      return ACTIVE_L1;
    }
    RefcountTable table = metadata.refcountTable;
    if ((wanted & REFCOUNT_TABLE) != 0
        && table.entries.length != 0
        && range.overlaps(table.offset, (long) table.entries.length * Long.BYTES)) {
      return REFCOUNT_TABLE;
    }
    SnapshotTable snapshots = metadata.snapshots;
    if ((wanted & SNAPSHOT_TABLE) != 0
        && snapshots.tableBytes() != 0
        && range.overlaps(metadata.header.snapshotsOffset(), snapshots.tableBytes())) {
      return SNAPSHOT_TABLE;
    }
    if ((wanted & INACTIVE_L1) != 0) {
      for (SnapshotTable.Entry entry : snapshots.entries()) {
        if (entry.l1Entries() != 0
            && range.overlaps(entry.l1Offset(), entry.l1Entries() * Long.BYTES)) {
          return INACTIVE_L1;
        }
      }
    }
    return NONE;
  }

  private boolean hitsActiveL2(Range range) {
    if (metadata.closing) {
      return false;
    }
    L1Table l1 = metadata.l1;
    int entries = l1.size();
    int clusterSize = metadata.geometry.clusterSize();
    for (int i = 0; i < entries; i++) {
      long offset = l1.entry(i) & L2Entry.L1_OFFSET_MASK;
      if (offset != 0 && range.overlaps(offset, clusterSize)) {
        return true;
      }
    }
    return false;
  }

  private boolean hitsRefcountBlock(Range range) {
    RefcountTable table = metadata.refcountTable;
    long[] entries = table.entries;
    int last = Math.min(table.lastUsed, entries.length - 1);
    int clusterSize = metadata.geometry.clusterSize();
    for (int i = 0; i <= last; i++) {
      long offset = entries[i] & REFCOUNT_BLOCK_MASK;
      if (offset != 0 && range.overlaps(offset, clusterSize)) {
        return true;
      }
    }
    return false;
  }

  /** Reads the L1 tables of all snapshots. */
  private boolean hitsInactiveL2(Range range) throws BlockIoException {
    int clusterSize = metadata.geometry.clusterSize();
    for (SnapshotTable.Entry entry : metadata.snapshots.entries()) {
      metadata.validateTable(
          entry.l1Offset(), entry.l1Entries(), Long.BYTES, Metadata.L1_BYTES_MAX, "");
      for (long l1Entry : metadata.readTable(entry.l1Offset(), (int) entry.l1Entries())) {
        long offset = l1Entry & L2Entry.L1_OFFSET_MASK;
        if (offset != 0 && range.overlaps(offset, clusterSize)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A directory that the autoclear bit announces and nobody describes is taken to be anywhere. */
  private boolean hitsBitmapDirectory(Range range) {
    Header header = metadata.header;
    if ((header.autoclear() & Features.AUTOCLEAR_BITMAPS) == 0) {
      return false;
    }
    Optional<Header.BitmapExtension> directory = header.bitmaps();
    return directory.isEmpty()
        || range.overlaps(directory.get().directoryOffset(), directory.get().directoryBytes());
  }

  private static String name(int kind) {
    return switch (kind) {
      case MAIN_HEADER -> "qcow2_header";
      case ACTIVE_L1 -> "active L1 table";
      case ACTIVE_L2 -> "active L2 table";
      case REFCOUNT_BLOCK -> "refcount block";
      case REFCOUNT_TABLE -> "refcount table";
      case SNAPSHOT_TABLE -> "snapshot table";
      case INACTIVE_L1 -> "inactive L1 table";
      case INACTIVE_L2 -> "inactive L2 table";
      case BITMAP_DIRECTORY -> "bitmap directory";
      default -> throw new IllegalArgumentException("kind of metadata " + kind);
    };
  }
}
