package io.faultdisk.nbd;

/**
 * What an export can do ({@code NBD_FLAG_*}, the transmission flags), 16 bits on the wire.
 * Immutable.
 */
public enum ExportFlag {
  /** Always set. */
  HAS_FLAGS(0),

  /** Writes will fail. */
  READ_ONLY(1),

  /** {@link CommandType#FLUSH}. */
  SEND_FLUSH(2),

  /** {@link CommandFlag#FUA}. */
  SEND_FUA(3),

  /** Seeks cost time. */
  ROTATIONAL(4),

  /** {@link CommandType#TRIM}. */
  SEND_TRIM(5),

  /** {@link CommandType#WRITE_ZEROES} and {@link CommandFlag#NO_HOLE}. */
  SEND_WRITE_ZEROES(6),

  /** {@link CommandFlag#DF}; only with structured replies. */
  SEND_DF(7),

  /** A flush on one connection covers what was written on the others. */
  CAN_MULTI_CONN(8),

  /** Of an extension that nobody uses. */
  SEND_RESIZE(9),

  /** {@link CommandType#CACHE}. */
  SEND_CACHE(10),

  /** {@link CommandFlag#FAST_ZERO}. */
  SEND_FAST_ZERO(11),

  /** A block status request may name its contexts in a payload. */
  BLOCK_STATUS_PAYLOAD(12);

  private final int bit;

  ExportFlag(int shift) {
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
