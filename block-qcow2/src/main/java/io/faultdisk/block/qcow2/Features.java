package io.faultdisk.block.qcow2;

/** Feature bits of the header. */
final class Features {
  static final long INCOMPATIBLE_DIRTY = 1;
  static final long INCOMPATIBLE_CORRUPT = 1 << 1;
  static final long INCOMPATIBLE_DATA_FILE = 1 << 2;
  static final long INCOMPATIBLE_COMPRESSION = 1 << 3;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1 << 4;
  static final long INCOMPATIBLE_KNOWN = 31;

  static final long COMPATIBLE_LAZY_REFCOUNTS = 1;

  static final long AUTOCLEAR_BITMAPS = 1;
  static final long AUTOCLEAR_DATA_FILE_RAW = 1 << 1;
  static final long AUTOCLEAR_KNOWN = 3;

  // Kinds in the table of feature names.
  static final int KIND_INCOMPATIBLE = 0;
  static final int KIND_COMPATIBLE = 1;
  static final int KIND_AUTOCLEAR = 2;

  private Features() {}
}
