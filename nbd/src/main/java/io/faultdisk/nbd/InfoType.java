package io.faultdisk.nbd;

import java.util.Optional;

/** A piece of information about an export ({@code NBD_INFO_*}), 16 bits on the wire. Immutable. */
public enum InfoType {
  /** Size (64 bits) and {@link ExportFlag}s (16 bits); always sent. */
  EXPORT(0, "export"),

  /** The name that the export goes by. */
  NAME(1, "name"),

  /** A text for people. */
  DESCRIPTION(2, "description"),

  /** Minimum block, preferred block and maximum payload, 32 bits each. */
  BLOCK_SIZE(3, "block size");

  private static final InfoType[] ALL = values();

  private final int number;
  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<InfoType> found = Optional.of(this);

  InfoType(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The piece of information with this number on the wire; empty when it is none that we know. */
  public static Optional<InfoType> of(int number) {
    for (InfoType each : ALL) {
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
