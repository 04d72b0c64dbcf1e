package io.faultdisk.nbd;

import java.util.Optional;

/** What a client may request of an export ({@code NBD_CMD_*}), 16 bits on the wire. Immutable. */
public enum CommandType {
  /** Bytes of the export; the only one whose reply has data. */
  READ(0, "read"),

  /** The only one that is followed by data. */
  WRITE(1, "write"),

  /** Good bye. There is no reply. */
  DISC(2, "disconnect"),

  /** What was written, on any connection, shall last. */
  FLUSH(3, "flush"),

  /** The bytes are not needed any more and may read as anything. */
  TRIM(4, "trim"),

  /** The bytes will be read soon. */
  CACHE(5, "cache"),

  /** The bytes shall read as zeroes. */
  WRITE_ZEROES(6, "write zeroes"),

  /** The extents that the bytes lie in. */
  BLOCK_STATUS(7, "block status");

  private static final CommandType[] ALL = values();

  private final int number;
  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<CommandType> found = Optional.of(this);

  CommandType(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The command with this number on the wire; empty when it is none that we know. */
  public static Optional<CommandType> of(int number) {
    for (CommandType each : ALL) {
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
}
