package io.faultdisk.block.format;

import java.util.Optional;

/**
 * An option of {@code create -o} or {@code amend -o}.
 *
 * @param name as users write it
 * @param type how its value is read
 * @param help one line for {@code -o help}
 * @param byDefault the value that is shown and used if the user gives none
 */
public record CreateOption(String name, Type type, String help, Optional<String> byDefault) {
  /** How a value is read. */
  public enum Type {
    /** Any text. */
    STRING,
    /** {@code on} or {@code off}. */
    BOOL,
    /** A number. */
    NUMBER,
    /** Bytes, with a suffix. */
    SIZE
  }

  /** An option without default. */
  public static CreateOption of(String name, Type type, String help) {
    return new CreateOption(name, type, help, Optional.empty());
  }

  /** An option with a default. */
  public static CreateOption of(String name, Type type, String help, String byDefault) {
    return new CreateOption(name, type, help, Optional.of(byDefault));
  }
}
