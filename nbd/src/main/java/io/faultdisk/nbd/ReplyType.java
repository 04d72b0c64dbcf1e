package io.faultdisk.nbd;

import java.util.Optional;

/**
 * What a chunk of a structured reply holds ({@code NBD_REPLY_TYPE_*}), 16 bits; errors have the top
 * bit set. Immutable.
 */
public enum ReplyType {
  /** Nothing; only as the last chunk. */
  NONE(0, "none"),

  /** Offset (64 bits) and data. */
  OFFSET_DATA(1, "data"),

  /** Offset (64 bits) and a number of zeroes (32 bits). */
  OFFSET_HOLE(2, "hole"),

  /** Context id (32 bits), then length and flags of each extent (32 bits each). */
  BLOCK_STATUS(5, "block status"),

  /**
   * Context id, number of extents (32 bits each), then length and flags of each extent (64 bits
   * each).
   */
  BLOCK_STATUS_EXT(6, "block status ext"),

  /** {@link NbdError} (32 bits), length of the message (16 bits), message. */
  ERROR(0x8001, "generic error"),

  /** As {@link #ERROR}, and then the offset (64 bits). */
  ERROR_OFFSET(0x8002, "error at offset");

  private static final ReplyType[] ALL = values();

  private final int number;
  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<ReplyType> found = Optional.of(this);

  ReplyType(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The type of chunk with this number on the wire; empty when it is none that we know. */
  public static Optional<ReplyType> of(int number) {
    for (ReplyType each : ALL) {
      if (each.number == number) {
        return each.found;
      }
    }
    return Optional.empty();
  }

  /** The number on the wire. */
  public int number() {
    return number;
  }

  /** How messages call it, QEMU's too. */
  public String text() {
    return text;
  }

  /** Whether a chunk of this number, known or not, is an error. */
  public static boolean isError(int number) {
    return (number & 0x8000) != 0;
  }
}
