package io.faultdisk.cli.getopt;

/**
 * One {@code --name}.
 *
 * @param name without the dashes
 * @param argument whether {@code --name=value} is allowed or needed
 * @param code what {@link Getopt#next()} answers for it: the letter of the short option that means
 *     the same, or any other number above 0
 */
public record LongOption(String name, Argument argument, int code) {

  /** Whether an option has an argument. */
  public enum Argument {
    /** {@code --name} only. */
    NONE,
    /** {@code --name=value} or {@code --name value}. */
    REQUIRED,
    /** {@code --name} or {@code --name=value}. */
    OPTIONAL
  }

  /** An option without argument. */
  public static LongOption flag(String name, int code) {
    return new LongOption(name, Argument.NONE, code);
  }

  /** An option that needs an argument. */
  public static LongOption withArgument(String name, int code) {
    return new LongOption(name, Argument.REQUIRED, code);
  }

  /** Whether an abbreviation that fits both may be taken as either. */
  boolean sameAs(LongOption other) {
    return argument == other.argument && code == other.code;
  }
}
