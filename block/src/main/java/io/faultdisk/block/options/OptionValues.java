package io.faultdisk.block.options;

import java.util.Map;
import java.util.Optional;

/**
 * The options that a driver knows and the user gave, already checked. Immutable; safe from any
 * thread.
 *
 * <p>Asking for a name or type that was not in the driver's {@link OptionSpec}s is a mistake in the
 * program: {@link IllegalArgumentException}.
 */
public final class OptionValues {
  private final Map<String, OptionSpec.Type> known;
  private final Map<String, Value> given;

  /**
   * One checked value.
   *
   * @param text as given
   * @param number the text's meaning: 0 or 1 for a bool, unsigned for the others
   */
  record Value(String text, long number) {}

  OptionValues(Map<String, OptionSpec.Type> known, Map<String, Value> given) {
    this.known = Map.copyOf(known);
    this.given = Map.copyOf(given);
  }

  /** Whether the user gave it. */
  public boolean has(String name) {
    if (!known.containsKey(name)) {
      throw new IllegalArgumentException("option " + name + " was not asked for");
    }
    return given.containsKey(name);
  }

  /** The text of an option of any type. */
  public Optional<String> string(String name) {
    return has(name) ? Optional.of(given(name).text()) : Optional.empty();
  }

  /** A bool, or what holds without it. */
  public boolean bool(String name, boolean otherwise) {
    return number(name, OptionSpec.Type.BOOL, otherwise ? 1 : 0) != 0;
  }

  /** A size in bytes, to be taken as unsigned, or what holds without it. */
  public long size(String name, long otherwise) {
    return number(name, OptionSpec.Type.SIZE, otherwise);
  }

  /** The 64 bits of a number, or what holds without it. {@code -1} and 2^64-1 are the same. */
  public long number(String name, long otherwise) {
    return number(name, OptionSpec.Type.NUMBER, otherwise);
  }

  private long number(String name, OptionSpec.Type type, long otherwise) {
    if (known.get(name) != type) {
      throw new IllegalArgumentException("option " + name + " was not asked for as " + type);
    }
    return has(name) ? given(name).number() : otherwise;
  }

  private Value given(String name) {
    Value value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException("option " + name + " was not given");
    }
    return value;
  }
}
