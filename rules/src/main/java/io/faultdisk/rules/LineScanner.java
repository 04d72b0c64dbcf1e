package io.faultdisk.rules;

import org.jspecify.annotations.Nullable;

/**
 * Reads tokens off one line the way C's {@code sscanf} does, which is how QEMU reads rule files.
 *
 * <p>Line and tokens are bytes, see {@link ByteText}: all limits count bytes. For one thread.
 */
final class LineScanner {
  private final String line;
  private int at;

  LineScanner(String line) {
    this.line = line;
  }

  /** {@code sscanf}'s white space in the C locale. */
  static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  /** A blank in the format: skips blanks, if any. */
  LineScanner blanks() {
    while (at < line.length() && isBlank(line.charAt(at))) {
      at++;
    }
    return this;
  }

  /** A literal: steps over the character if it comes next. */
  boolean literal(char c) {
    if (at < line.length() && line.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  /** {@code %<max>s}: blanks, then at least one other byte; null if there is none. */
  @Nullable String word(int max) {
    blanks();
    int from = at;
    while (at < line.length() && at - from < max && !isBlank(line.charAt(at))) {
      at++;
    }
    return at == from ? null : line.substring(from, at);
  }

  /** What is left, without the blanks around it. */
  String rest() {
    return line.substring(at).strip();
  }

  /** {@code %<max>[^c]}: at least one byte up to {@code c} or the end; null if there is none. */
  @Nullable String until(char c, int max) {
    int from = at;
    while (at < line.length() && at - from < max && line.charAt(at) != c) {
      at++;
    }
    return at == from ? null : line.substring(from, at);
  }
}
