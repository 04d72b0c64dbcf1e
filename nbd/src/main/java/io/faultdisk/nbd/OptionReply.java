package io.faultdisk.nbd;

import java.util.Optional;

/**
 * What a server may answer to an option ({@code NBD_REP_*}); errors have the top bit set.
 * Immutable.
 */
public enum OptionReply {
  /** Done, or the end of a list. */
  ACK(1, "ack"),

  /** One export of {@link OptionType#LIST}: length of the name, name, description. */
  SERVER(2, "server"),

  /** One {@link InfoType} and its content. */
  INFO(3, "info"),

  /** One context: its id and its name. */
  META_CONTEXT(4, "meta context"),

  /** The server does not know the option. */
  ERR_UNSUP(0x80000001, "unsupported"),

  /** The server knows it but will not do it. */
  ERR_POLICY(0x80000002, "denied by policy"),

  /** The option was malformed. */
  ERR_INVALID(0x80000003, "invalid"),

  /** The server was built without it. */
  ERR_PLATFORM(0x80000004, "platform lacks support"),

  /** Not without {@link OptionType#STARTTLS}. */
  ERR_TLS_REQD(0x80000005, "TLS required"),

  /** There is no such export. */
  ERR_UNKNOWN(0x80000006, "export unknown"),

  /** The server is going away. */
  ERR_SHUTDOWN(0x80000007, "server shutting down"),

  /** Not unless {@link InfoType#BLOCK_SIZE} is asked for. */
  ERR_BLOCK_SIZE_REQD(0x80000008, "block size required"),

  /** The option, or its answer, is too large. */
  ERR_TOO_BIG(0x80000009, "option payload too big"),

  /** Not without {@link OptionType#EXTENDED_HEADERS}. */
  ERR_EXT_HEADER_REQD(0x8000000a, "extended headers required");

  private static final OptionReply[] ALL = values();

  private final int number;
  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<OptionReply> found = Optional.of(this);

  OptionReply(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The reply with this number on the wire; empty when it is none that we know. */
  public static Optional<OptionReply> of(int number) {
    for (OptionReply each : ALL) {
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

  /** Whether this number of a reply, known or not, is an error. */
  public static boolean isError(int number) {
    return number < 0;
  }
}
