package io.faultdisk.posix;

/**
 * What {@link PosixFile#fallocate} does to a range. Source: fallocate(2), linux/falloc.h.
 *
 * <p>A file system that cannot do it answers EOPNOTSUPP and has changed nothing.
 */
public enum FallocateMode {
  /** Give the range disk space; the file grows if the range ends beyond it. */
  ALLOCATE(0),
  /** Give the range disk space; the size stays. */
  ALLOCATE_KEEP_SIZE(0x01),
  /** Give the range's disk space back; it reads as zeroes, the size stays. */
  PUNCH_HOLE(0x02 | 0x01),
  /** Make the range read as zeroes, keeping or giving it space; the file grows if needed. */
  ZERO_RANGE(0x10),
  /** Make the range read as zeroes, keeping or giving it space; the size stays. */
  ZERO_RANGE_KEEP_SIZE(0x10 | 0x01);

  private final int bits;

  FallocateMode(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }
}
