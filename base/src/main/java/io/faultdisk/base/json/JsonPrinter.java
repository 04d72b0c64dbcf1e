package io.faultdisk.base.json;

import io.faultdisk.base.QemuKeyOrder;
import java.nio.charset.StandardCharsets;

/**
 * Prints one JSON value, on one line or indented. For one thread, used once.
 *
 * <p>Source: observed with qemu-img 7.2 info.
 */
final class JsonPrinter {
  private static final int REPLACEMENT = 0xFFFD;

  private static final int INDENT = 4;

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;
  private int depth;

  /**
   * A printer.
   *
   * @param pretty each member on a line of its own, indented
   */
  JsonPrinter(boolean pretty) {
    this.pretty = pretty;
  }

  String print(JsonValue value) {
    value(value);
    return out.toString();
  }

  private void value(JsonValue value) {
    if (value instanceof JsonNull) {
      out.append("null");
    } else if (value instanceof JsonBool bool) {
      out.append(bool.value());
    } else if (value instanceof JsonNumber number) {
      out.append(number.text());
    } else if (value instanceof JsonString string) {
      string(string.value());
    } else if (value instanceof JsonArray array) {
      array(array);
    } else {
      object((JsonObject) value);
    }
  }

  private void array(JsonArray array) {
    open('[');
    String separator = "";
    for (JsonValue element : array.elements()) {
      separate(separator);
      value(element);
      separator = ",";
    }
    close(']');
  }

  private void object(JsonObject object) {
    open('{');
    String separator = "";
    for (String key : QemuKeyOrder.of(object.members().keySet(), StandardCharsets.UTF_8)) {
      separate(separator);
      string(key);
      out.append(": ");
      JsonValue member = object.members().get(key);
      if (member == null) {
        throw new IllegalStateException("member " + key + " vanished");
      }
      value(member);
      separator = ",";
    }
    close('}');
  }

  private void open(char bracket) {
    out.append(bracket);
    depth++;
  }

  private void separate(String separator) {
    out.append(separator);
    if (pretty) {
      newLine();
    } else if (!separator.isEmpty()) {
      out.append(' ');
    }
  }

  private void close(char bracket) {
    depth--;
    if (pretty) {
      newLine();
    }
    out.append(bracket);
  }

  private void newLine() {
    out.append('\n').append(" ".repeat(INDENT * depth));
  }

  private void string(String text) {
    out.append('"');
    text.codePoints().forEach(this::character);
    out.append('"');
  }

  private void character(int codePoint) {
    switch (codePoint) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (codePoint >= 0x20 && codePoint < 0x7F) {
          out.append((char) codePoint);
          return;
        }
        int shown = JsonStringReader.isValid(codePoint) ? codePoint : REPLACEMENT;
        for (char unit : Character.toChars(shown)) {
          out.append("\\u").append(hex4(unit));
        }
      }
    }
  }

  private static String hex4(char unit) {
    return String.format("%04X", (int) unit);
  }
}
