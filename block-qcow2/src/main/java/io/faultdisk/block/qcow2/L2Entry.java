package io.faultdisk.block.qcow2;

/** Bits of L1 and L2 entries, and of the bitmap behind an extended L2 entry. */
final class L2Entry {
  static final long COPIED = 1L << 63;
  static final long COMPRESSED = 1L << 62;
  static final long ZERO = 1;

  /** Where an L1 entry's L2 table is. */
  static final long L1_OFFSET_MASK = 0x00fffffffffffe00L;

  static final long L1_RESERVED = 0x7f000000000001ffL;

  /** Where a standard L2 entry's cluster is. */
  static final long OFFSET_MASK = 0x00fffffffffffe00L;

  static final long STANDARD_RESERVED = 0x3f000000000001feL;

  static final long ALL_ALLOCATED = 0xffffffffL;
  static final long ALL_ZERO = 0xffffffff00000000L;

  /** The length of compressed data is counted in these, in bytes. */
  static final int COMPRESSED_SECTOR = 512;

  /** What a whole cluster is. */
  enum Type {
    UNALLOCATED,
    ZERO_PLAIN,
    ZERO_ALLOCATED,
    NORMAL,
    COMPRESSED;

    /** Whether space in the image file belongs to it. */
    boolean isAllocated() {
      return this == COMPRESSED || this == NORMAL || this == ZERO_ALLOCATED;
    }
  }

  private L2Entry() {}

  /**
   * The type of a cluster by its entry (and, with extended L2, its bitmap is looked at elsewhere).
   */
  static Type type(long entry, Geometry geometry) {
    if ((entry & COMPRESSED) != 0) {
      return Type.COMPRESSED;
    }
    boolean hasPlace = (entry & OFFSET_MASK) != 0;
    if ((entry & ZERO) != 0 && !geometry.extendedL2()) {
      return hasPlace ? Type.ZERO_ALLOCATED : Type.ZERO_PLAIN;
    }
    // In an external data file offset 0 is a place like any other; the flag tells.
    boolean atZero = geometry.externalData() && (entry & COPIED) != 0;
    return hasPlace || atZero ? Type.NORMAL : Type.UNALLOCATED;
  }

  /** Whether data can be written to the cluster's place as it is: allocated and not shared. */
  static boolean isWritableInPlace(long entry, Geometry geometry) {
    if ((entry & COPIED) == 0) {
      return false;
    }
    Type type = type(entry, geometry);
    return type == Type.NORMAL || type == Type.ZERO_ALLOCATED;
  }

  /** Host offset of compressed data. */
  static long compressedOffset(long entry, Geometry geometry) {
    return entry & ((1L << sectorsShift(geometry)) - 1);
  }

  /** Bytes of compressed data up to the end of the last sector that the entry counts. */
  static int compressedBytes(long entry, Geometry geometry) {
    int mask = (1 << (geometry.clusterBits() - 8)) - 1;
    int sectors = ((int) (entry >>> sectorsShift(geometry)) & mask) + 1;
    int intoSector = (int) compressedOffset(entry, geometry) & (COMPRESSED_SECTOR - 1);
    return sectors * COMPRESSED_SECTOR - intoSector;
  }

  /** The entry for compressed data of {@code bytes} bytes at {@code offset}. */
  static long compressed(long offset, int bytes, Geometry geometry) {
    long sectors = (offset + bytes - 1) / COMPRESSED_SECTOR - offset / COMPRESSED_SECTOR;
    return offset | COMPRESSED | sectors << sectorsShift(geometry);
  }

  /** The offset takes the lower bits, the number of further sectors the rest below the flags. */
  private static int sectorsShift(Geometry geometry) {
    return 62 - (geometry.clusterBits() - 8);
  }
}
