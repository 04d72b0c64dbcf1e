package io.faultdisk.base;

import java.util.regex.Pattern;

/** Text as one word of a POSIX shell's command line, for commands that people copy. Stateless. */
public final class ShellWord {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_/.:=@%+,-]+");

  private ShellWord() {}

  /** In single quotes, whatever it is. */
  public static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** As a person would type it: in quotes only if it needs them. */
  public static String of(String text) {
    return PLAIN.matcher(text).matches() ? text : quoted(text);
  }
}
