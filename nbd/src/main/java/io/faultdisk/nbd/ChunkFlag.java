package io.faultdisk.nbd;

/** A flag of a chunk of a structured reply ({@code NBD_REPLY_FLAG_*}), 16 bits. Immutable. */
public enum ChunkFlag {
  /** The last chunk of its reply. */
  DONE(0);

  private final int bit;

  ChunkFlag(int shift) {
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
