package io.faultdisk.rules;

/**
 * Where a rule came from, for people.
 *
 * @param file the rule file's name as the user gave it; empty for dotted options and for rules made
 *     by a program
 * @param line the line of the section's header, from 1; 0 without a file
 * @param section {@code inject-error} in a file, {@code inject-error.0} for dotted options; empty
 *     for rules made by a program
 */
public record Source(String file, int line, String section) {
  private static final Source PROGRAM = new Source("", 0, "");

  /** Checks that a line goes with a file. */
  public Source {
    if (line < 0 || (line > 0) == file.isEmpty()) {
      throw new IllegalArgumentException("line " + line + " of file '" + file + "'");
    }
  }

  /** A rule that a program made; nowhere to point at. */
  public static Source program() {
    return PROGRAM;
  }

  /** A rule in a file. */
  public static Source file(String file, int line, String section) {
    return new Source(file, line, section);
  }

  /** A rule in dotted options, {@code inject-error.0}. */
  public static Source options(String section) {
    return new Source("", 0, section);
  }

  /** {@code rules.conf:3}, {@code inject-error.0} or {@code program}. */
  @Override
  public String toString() {
    if (!file.isEmpty()) {
      return file + ":" + line;
    }
    return section.isEmpty() ? "program" : section;
  }
}
