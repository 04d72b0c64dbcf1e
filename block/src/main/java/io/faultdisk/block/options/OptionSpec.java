package io.faultdisk.block.options;

/**
 * One option a driver knows, for {@link Options#absorb}.
 *
 * @param name the key
 * @param type how its text is checked
 */
public record OptionSpec(String name, Type type) {

  /** How an option's text is read. */
  public enum Type {
    /** Any text. */
    STRING,
    /** {@code on/yes/true/y} or {@code off/no/false/n}. */
    BOOL,
    /** 64-bit number as C's strtoull reads it: signs, {@code 0x} and octal allowed. */
    NUMBER,
    /** Bytes, below 2<sup>64</sup>, with an optional unit suffix. */
    SIZE
  }

  public static OptionSpec string(String name) {
    return new OptionSpec(name, Type.STRING);
  }

  public static OptionSpec bool(String name) {
    return new OptionSpec(name, Type.BOOL);
  }

  public static OptionSpec number(String name) {
    return new OptionSpec(name, Type.NUMBER);
  }

  public static OptionSpec size(String name) {
    return new OptionSpec(name, Type.SIZE);
  }
}
