package io.faultdisk.nbd;

/** A flag of a request ({@code NBD_CMD_FLAG_*}), 16 bits on the wire. Immutable. */
public enum CommandFlag {
  /** The reply shall come only when the data lasts. */
  FUA(0),

  /** Write zeroes: keep the space allocated. */
  NO_HOLE(1),

  /** Read: all data in one chunk. */
  DF(2),

  /** Block status: only the first extent, and not beyond the request. */
  REQ_ONE(3),

  /** Write zeroes: fail with {@link NbdError#ENOTSUP} unless it is faster than a write. */
  FAST_ZERO(4),

  /** Extended headers only: the length is that of the data which follows the header. */
  PAYLOAD_LEN(5);

  private final int bit;

  CommandFlag(int shift) {
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
