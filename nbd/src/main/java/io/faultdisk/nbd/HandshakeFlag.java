package io.faultdisk.nbd;

/**
 * A flag of the first exchange: 16 bits from the server ({@code NBD_FLAG_*}), the same ones back
 * from the client in 32 bits ({@code NBD_FLAG_C_*}). Immutable.
 */
public enum HandshakeFlag {
  /** There are options other than {@link OptionType#EXPORT_NAME}. */
  FIXED_NEWSTYLE(0),

  /** No {@link NbdLimits#EXPORT_NAME_PADDING_BYTES}. */
  NO_ZEROES(1);

  private final int bit;

  HandshakeFlag(int shift) {
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
