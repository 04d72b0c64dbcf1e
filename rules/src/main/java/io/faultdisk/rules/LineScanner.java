package io.faultdisk.rules;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads tokens off one line the way C's {@code sscanf} does, which is how QEMU reads rule files.
 *
 * <p>The line is bytes, one per char (ISO 8859-1), because all limits count bytes. Tokens are given
 * out as text: UTF-8 if they are valid UTF-8, else ISO 8859-1. For one thread.
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
    return at == from ? null : text(line.substring(from, at));
  }

  /** {@code %<max>[^c]}: at least one byte up to {@code c} or the end; null if there is none. */
  @Nullable String until(char c, int max) {
    int from = at;
    while (at < line.length() && at - from < max && line.charAt(at) != c) {
      at++;
    }
    return at == from ? null : text(line.substring(from, at));
  }

  /** What has not been read yet. */
  String rest() {
    return text(line.substring(at));
  }

  /** Bytes as text. */
  private static String text(String bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      if (bytes.charAt(i) >= 0x80) {
        return nonAscii(bytes);
      }
    }
    return bytes;
  }

  private static String nonAscii(String bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      // Another encoding, or a character cut in two at a limit.
      return bytes;
    }
  }
}
