package io.faultdisk.nbd;

import java.util.Optional;

/** What a client may ask for during the handshake ({@code NBD_OPT_*}). Immutable. */
public enum OptionType {
  /** Choose an export and go, with no way for the server to refuse politely. */
  EXPORT_NAME(1, "export name"),

  /** End the session. */
  ABORT(2, "abort"),

  /** List the names of the exports. */
  LIST(3, "list"),

  /** Go on encrypted; whatever was agreed before is forgotten. */
  STARTTLS(5, "starttls"),

  /** Tell about an export, as {@link #GO} would. */
  INFO(6, "info"),

  /** Choose an export, ask for some {@link InfoType}s, and go. */
  GO(7, "go"),

  /** Replies may come in chunks. */
  STRUCTURED_REPLY(8, "structured reply"),

  /** List what an export can tell about its extents. */
  LIST_META_CONTEXT(9, "list meta context"),

  /** Choose what {@link CommandType#BLOCK_STATUS} shall tell. */
  SET_META_CONTEXT(10, "set meta context"),

  /** Requests and replies with lengths of 64 bits; implies structured replies. */
  EXTENDED_HEADERS(11, "extended headers");

  private static final OptionType[] ALL = values();

  private final int number;
  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<OptionType> found = Optional.of(this);

  OptionType(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The option with this number on the wire; empty when it is none that we know. */
  public static Optional<OptionType> of(int number) {
    for (OptionType each : ALL) {
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
