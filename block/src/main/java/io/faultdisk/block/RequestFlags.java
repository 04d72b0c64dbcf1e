package io.faultdisk.block;

/**
 * Bits that modify a write or write-zeroes request. They are ints since every request carries them.
 */
public final class RequestFlags {
  /** No flag. */
  public static final int NONE = 0;

  /** Force unit access: the data is on stable storage when the request completes. */
  public static final int FUA = 1;

  /** Write-zeroes only: the blocks may be deallocated if they read as zero afterwards. */
  public static final int MAY_UNMAP = 1 << 1;

  /** Write-zeroes only: fail with ENOTSUP rather than write a buffer of zeroes. */
  public static final int NO_FALLBACK = 1 << 2;

  /** The visible content does not change (copy-on-read), so the weaker permission is enough. */
  public static final int WRITE_UNCHANGED = 1 << 3;

  /** Store the data compressed, if the format can. */
  public static final int COMPRESSED = 1 << 4;

  /** The request is a write-zeroes; set by the block layer only. */
  static final int ZERO_WRITE = 1 << 5;

  private RequestFlags() {}

  static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }
}
