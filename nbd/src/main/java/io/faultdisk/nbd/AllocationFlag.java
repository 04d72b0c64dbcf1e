package io.faultdisk.nbd;

/**
 * A flag of an extent in {@link MetaContextName#BASE_ALLOCATION} ({@code NBD_STATE_*}). Immutable.
 */
public enum AllocationFlag {
  /** No space is allocated here, as far as the server can tell. */
  HOLE(0),

  /** The bytes read as zeroes. */
  ZERO(1);

  private final int bit;

  AllocationFlag(int shift) {
    this.bit = 1 << shift;
  }

  /** The flag as a number with one bit set. */
  public int bit() {
    return bit;
  }

  /** Whether the flag is set among these. */
  public boolean in(int flags) {
    return (flags & bit) != 0;
  }
}
