package io.faultdisk.nbd;

/** What the protocol says about sizes, and what everybody keeps to. All in bytes but the port. */
public final class NbdLimits {
  /** The port that IANA gave to NBD. */
  public static final int DEFAULT_PORT = 10809;

  /** The longest name of an export or a meta context, and the longest description or message. */
  public static final int STRING_BYTES_MAX = 4096;

  /** The largest payload of a request or of a reply that both ends take without agreement. */
  public static final int PAYLOAD_BYTES_MAX = 32 * 1024 * 1024;

  /** The preferred block size where a server names none. */
  public static final int PREFERRED_BLOCK_BYTES = 4096;

  /** Zeroes after the reply to {@link OptionType#EXPORT_NAME}, unless both ends waived them. */
  public static final int EXPORT_NAME_PADDING_BYTES = 124;

  /** A server should not describe more extents than this in one reply. */
  public static final int EXTENTS_MAX = 1 << 20;

  private NbdLimits() {}
}
