package io.faultdisk.rules;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A pattern for paths: {@code *.wal}, {@code /data/**}{@code /segment-?.log}.
 *
 * <p>Without a slash it is compared with the last name of a path, else with the whole of it. {@code
 * *} is any text without a slash, {@code **} any text, {@code ?} one character but a slash, {@code
 * [a-z]} and {@code [!a-z]} one of (or not of) some characters, {@code {log,wal}} one of some
 * texts, a backslash takes the special meaning from the next character. Case matters. The syntax is
 * that of {@code java.nio.file}'s globs, and does not depend on the system.
 *
 * <p>Immutable; safe from any thread.
 */
public final class PathGlob {
  private final String text;
  private final Pattern pattern;
  private final boolean wholePath;

  private PathGlob(String text) {
    this.text = text;
    this.wholePath = text.indexOf('/') >= 0;
    this.pattern = Pattern.compile(regex(text), Pattern.DOTALL);
  }

  /**
   * Reads a pattern.
   *
   * @throws PatternSyntaxException if a bracket or brace is not closed, or something else is wrong
   */
  public static PathGlob of(String text) {
    if (text.isEmpty()) {
      throw new PatternSyntaxException("the pattern is empty", text, 0);
    }
    return new PathGlob(text);
  }

  /** A pattern that matches just this path. */
  public static PathGlob literally(String path) {
    return of(path.replaceAll("[\\\\*?\\[\\]{},!]", "\\\\$0"));
  }

  /** Whether it matches a path whose names are separated by {@code /}. */
  public boolean matches(String path) {
    String compared = wholePath ? path : path.substring(path.lastIndexOf('/') + 1);
    return pattern.matcher(compared).matches();
  }

  private static String regex(String glob) {
    StringBuilder regex = new StringBuilder();
    boolean group = false;
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> {
          boolean any = i + 1 < glob.length() && glob.charAt(i + 1) == '*';
          regex.append(any ? ".*" : "[^/]*");
          i += any ? 1 : 0;
        }
        case '?' -> regex.append("[^/]");
        case '[' -> {
          int end = glob.indexOf(']', i + 2);
          if (end < 0) {
            throw new PatternSyntaxException("'[' is not closed", glob, i);
          }
          String content = glob.substring(i + 1, end);
          boolean not = content.startsWith("!");
          regex
              .append("[[^/]&&[")
              .append(not ? "^" : "")
              .append((not ? content.substring(1) : content).replaceAll("[\\\\\\[^&]", "\\\\$0"))
              .append("]]");
          i = end;
        }
        case '{' -> {
          if (group) {
            throw new PatternSyntaxException("a group inside a group", glob, i);
          }
          group = true;
          regex.append("(?:(?:");
        }
        case '}' -> {
          regex.append(group ? "))" : "\\}");
          group = false;
        }
        case ',' -> regex.append(group ? ")|(?:" : ",");
        case '\\' -> {
          if (++i == glob.length()) {
            throw new PatternSyntaxException("nothing behind the backslash", glob, i - 1);
          }
          regex.append(Pattern.quote(String.valueOf(glob.charAt(i))));
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    if (group) {
      throw new PatternSyntaxException("'{' is not closed", glob, glob.length() - 1);
    }
    return regex.toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof PathGlob glob && glob.text.equals(text));
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The pattern as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
