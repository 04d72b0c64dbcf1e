package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
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
 * <p>The pattern is a small automaton whose states are followed side by side, so a comparison takes
 * the pattern's length times the path's at most, whatever the pattern.
 *
 * <p>Immutable; safe from any thread.
 */
public final class PathGlob {
  /** A part of the pattern, the state before it. The state after the last part has no number. */
  private sealed interface Part permits One, Any, Fork {}

  /** One character, then the next part. */
  private record One(CharSet chars, int next) implements Part {}

  /** Any number of characters, a slash among them or not, then the next part. */
  private record Any(boolean slashes, int next) implements Part {}

  /** One of several ways on. */
  private record Fork(List<Integer> ways) implements Part {}

  /** Some characters. */
  @FunctionalInterface
  private interface CharSet {
    boolean contains(char c);
  }

  private final String text;
  private final boolean wholePath;
  private final List<Part> parts;

  private PathGlob(String text, List<Part> parts) {
    this.text = text;
    this.wholePath = text.indexOf('/') >= 0;
    this.parts = parts;
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
    return new PathGlob(text, new Parser(text).parse());
  }

  /** A pattern that matches just this path. */
  public static PathGlob literally(String path) {
    StringBuilder glob = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      glob.append("\\*?[]{},!".indexOf(c) < 0 ? "" : "\\").append(c);
    }
    return of(glob.toString());
  }

  /** Whether it matches a path whose names are separated by {@code /}. */
  public boolean matches(String path) {
    String compared = wholePath ? path : path.substring(path.lastIndexOf('/') + 1);
    BitSet states = new BitSet(parts.size() + 1);
    enter(0, states);
    for (int i = 0; i < compared.length() && !states.isEmpty(); i++) {
      char c = compared.charAt(i);
      BitSet after = new BitSet(parts.size() + 1);
      for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
        if (state == parts.size()) {
          continue;
        }
        Part part = parts.get(state);
        if (part instanceof One one && one.chars().contains(c)) {
          enter(one.next(), after);
        } else if (part instanceof Any any && (any.slashes() || c != '/')) {
          enter(state, after);
        }
      }
      states = after;
    }
    return states.get(parts.size());
  }

  /** Adds a state, and those that are reached from it by no character. */
  private void enter(int state, BitSet states) {
    if (states.get(state)) {
      return;
    }
    states.set(state);
    if (state == parts.size()) {
      return;
    }
    Part part = parts.get(state);
    if (part instanceof Any any) {
      enter(any.next(), states);
    } else if (part instanceof Fork fork) {
      fork.ways().forEach(way -> enter(way, states));
    }
  }

  /** Reads a pattern from its front to its end. For one thread. */
  private static final class Parser {
    private final String glob;
    private final List<Part> parts = new ArrayList<>();

    /** The fork of the group that is open; -1 outside. */
    private int fork = -1;

    /** The first part of each of its alternatives. */
    private final List<Integer> ways = new ArrayList<>();

    /** Those places that shall lead behind the group, once it is known where that is. */
    private final List<Integer> exits = new ArrayList<>();

    private int at;

    Parser(String glob) {
      this.glob = glob;
    }

    List<Part> parse() {
      while (at < glob.length()) {
        char c = glob.charAt(at++);
        switch (c) {
          case '*' -> {
            boolean slashes = at < glob.length() && glob.charAt(at) == '*';
            at += slashes ? 1 : 0;
            parts.add(new Any(slashes, parts.size() + 1));
          }
          case '?' -> one(other -> other != '/');
          case '[' -> bracket();
          case '{' -> open();
          case '}' -> close(c);
          case ',' -> comma(c);
          case '\\' -> {
            if (at == glob.length()) {
              throw new PatternSyntaxException("nothing behind the backslash", glob, at - 1);
            }
            literal(glob.charAt(at++));
          }
          default -> literal(c);
        }
      }
      if (fork >= 0) {
        throw new PatternSyntaxException("'{' is not closed", glob, glob.length() - 1);
      }
      return List.copyOf(parts);
    }

    private void one(CharSet chars) {
      parts.add(new One(chars, parts.size() + 1));
    }

    private void literal(char c) {
      one(other -> other == c);
    }

    private void bracket() {
      int end = glob.indexOf(']', at + 1);
      if (end < 0) {
        throw new PatternSyntaxException("'[' is not closed", glob, at - 1);
      }
      boolean not = glob.charAt(at) == '!';
      String content = glob.substring(at + (not ? 1 : 0), end);
      if (content.isEmpty()) {
        throw new PatternSyntaxException("there is nothing between '[' and ']'", glob, at - 1);
      }
      for (int i = 0; i + 2 < content.length(); i++) {
        if (content.charAt(i + 1) == '-' && content.charAt(i) > content.charAt(i + 2)) {
          throw new PatternSyntaxException("the range is upside down", glob, at - 1);
        }
      }
      at = end + 1;
      one(c -> c != '/' && contains(content, c) != not);
    }

    private static boolean contains(String content, char c) {
      for (int i = 0; i < content.length(); i++) {
        boolean range = i + 2 < content.length() && content.charAt(i + 1) == '-';
        if (range ? c >= content.charAt(i) && c <= content.charAt(i + 2) : c == content.charAt(i)) {
          return true;
        }
        i += range ? 2 : 0;
      }
      return false;
    }

    private void open() {
      if (fork >= 0) {
        throw new PatternSyntaxException("a group inside a group", glob, at - 1);
      }
      fork = parts.size();
      parts.add(new Fork(List.of()));
      ways.add(parts.size());
    }

    private void comma(char c) {
      if (fork < 0) {
        literal(c);
        return;
      }
      exits.add(parts.size());
      parts.add(new Fork(List.of()));
      ways.add(parts.size());
    }

    private void close(char c) {
      if (fork < 0) {
        literal(c);
        return;
      }
      parts.set(fork, new Fork(List.copyOf(ways)));
      for (int exit : exits) {
        parts.set(exit, new Fork(List.of(parts.size())));
      }
      fork = -1;
      ways.clear();
      exits.clear();
    }
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
