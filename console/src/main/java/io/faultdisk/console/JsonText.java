package io.faultdisk.console;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes one JSON value, members in the order in which they are put. (That of {@code base} puts
 * them in QEMU's order.) Strings are ASCII afterwards, so that they can stand in a line of an event
 * stream whatever is in them. For one thread, used once.
 */
final class JsonText {
  private final StringBuilder out = new StringBuilder();
  private final Deque<Character> open = new ArrayDeque<>();
  private boolean first = true;
  private boolean named;

  JsonText object() {
    return open('{', '}');
  }

  /** An object as the value of a member. */
  JsonText object(String name) {
    return name(name).object();
  }

  JsonText array() {
    return open('[', ']');
  }

  /** An array as the value of a member. */
  JsonText array(String name) {
    return name(name).array();
  }

  private JsonText open(char bracket, char closing) {
    separate();
    out.append(bracket);
    open.push(closing);
    first = true;
    return this;
  }

  /** Closes the innermost array or object. */
  JsonText end() {
    out.append(open.pop());
    first = false;
    return this;
  }

  JsonText name(String name) {
    separate();
    quote(name);
    out.append(':');
    named = true;
    return this;
  }

  JsonText value(String text) {
    separate();
    quote(text);
    return this;
  }

  JsonText value(long number) {
    separate();
    out.append(number);
    return this;
  }

  JsonText value(boolean bool) {
    separate();
    out.append(bool);
    return this;
  }

  /** A number with three decimals at most. */
  JsonText value(double number) {
    separate();
    double rounded = Math.round(number * 1000) / 1000.0;
    if (Double.isFinite(rounded)) {
      out.append(rounded);
    } else {
      out.append(0);
    }
    return this;
  }

  JsonText member(String name, String text) {
    return name(name).value(text);
  }

  JsonText member(String name, long number) {
    return name(name).value(number);
  }

  JsonText member(String name, boolean bool) {
    return name(name).value(bool);
  }

  JsonText member(String name, double number) {
    return name(name).value(number);
  }

  private void separate() {
    if (named) {
      named = false;
    } else if (!first) {
      out.append(',');
    }
    first = false;
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c >= 0x20 && c < 0x7F) {
            out.append(c);
          } else {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(Character.forDigit(c >> shift & 15, 16));
            }
          }
        }
      }
    }
    out.append('"');
  }

  /** The value. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + out);
    }
    return out.toString();
  }

  byte[] bytes() {
    return toString().getBytes(StandardCharsets.US_ASCII);
  }
}
