package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonLexer.Token;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Deque;

/**
 * Reads and writes JSON in QEMU's dialect.
 *
 * <p>Beyond RFC 8259: strings may have single quotes, and {@code \'} is an escape. Otherwise
 * strict: one value, no duplicate keys, no control characters in strings, at most 1024 open
 * brackets. Stateless; safe from any thread.
 *
 * <p>Source: observed with qemu-io 7.2 on {@code json:} names; qobject/json-lexer.c, json-parser.c
 * and json-streamer.c tell in which order mistakes are found.
 */
public final class Json {
  private Json() {}

  /** {@link #parse(byte[])} for text that is characters already. */
  public static JsonValue parse(String text) throws UsageException {
    return parse(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads one value.
   *
   * @param text modified UTF-8, up to the first NUL byte
   * @throws UsageException with QEMU's text: {@code JSON parse error, ...}, {@code Expecting a JSON
   *     value}, ...
   */
  public static JsonValue parse(byte[] text) throws UsageException {
    byte[] line = upToNul(text);
    JsonLexer lexer = new JsonLexer(line);
    Deque<Token> tokens = lexer.firstValue();
    if (tokens.isEmpty()) {
      throw new UsageException("Expecting a JSON value");
    }
    JsonValue value = new JsonParser(line, tokens).value();
    if (lexer.skipBlanks()) {
      throw new UsageException("Expecting at most one JSON value");
    }
    return value;
  }

  private static byte[] upToNul(byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (text[i] == 0) {
        return Arrays.copyOf(text, i);
      }
    }
    return text;
  }

  /**
   * Prints a value on one line: {@code {"driver": "raw", "file": {"driver": "file"}}}.
   *
   * <p>Keys come in QEMU's order, everything but printable ASCII as {@code \}{@code uXXXX}.
   */
  public static String write(JsonValue value) {
    return new JsonPrinter(false).print(value);
  }

  /** The same with each member on a line of its own, indented by four blanks a level. */
  public static String writePretty(JsonValue value) {
    return new JsonPrinter(true).print(value);
  }
}
