package io.faultdisk.rules;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a request wants; the values of a rule's {@code iotype}.
 *
 * <p>Source: QEMU 7.2 {@code BlkdebugIOType}.
 */
public enum RequestType {
  /** Reads bytes. */
  READ("read"),
  /** Writes bytes. */
  WRITE("write"),
  /** Writes zeroes without carrying them. */
  WRITE_ZEROES("write-zeroes"),
  /** Gives up the content of a range. */
  DISCARD("discard"),
  /** Makes everything written so far durable; has no range (offset and bytes are 0). */
  FLUSH("flush"),
  /** Asks which parts are allocated. */
  BLOCK_STATUS("block-status");

  private static final Set<RequestType> DEFAULT_TYPES =
      Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(BLOCK_STATUS)));

  private final String wireName;

  RequestType(String wireName) {
    this.wireName = wireName;
  }

  /** The name in rules and commands: {@code write-zeroes}. */
  public String wireName() {
    return wireName;
  }

  /** The type with this wire name; case matters. */
  public static Optional<RequestType> named(String wireName) {
    for (RequestType type : values()) {
      if (type.wireName.equals(wireName)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /**
   * What a rule without {@code iotype} means: all but {@link #BLOCK_STATUS}, which must be named.
   */
  public static Set<RequestType> defaultTypes() {
    return DEFAULT_TYPES;
  }

  @Override
  public String toString() {
    return wireName;
  }
}
