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

  /** What a whole cluster is. */
  enum Type {
    UNALLOCATED,
    ZERO_PLAIN,
    ZERO_ALLOCATED,
    NORMAL,
    COMPRESSED
  }

  private L2Entry() {}

  /**
   * The type of a cluster by its entry (and, with extended L2, its bitmap is looked at elsewhere).
   */
  static Type type(long entry, Geometry geometry) {
    throw new UnsupportedOperationException("H2");
  }

  /** Host offset of compressed data. */
  static long compressedOffset(long entry, Geometry geometry) {
    throw new UnsupportedOperationException("H2");
  }

  /** Bytes of compressed data up to the end of the last sector that the entry counts. */
  static int compressedBytes(long entry, Geometry geometry) {
    throw new UnsupportedOperationException("H2");
  }
}
