package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonLexer.Token;
import java.nio.charset.StandardCharsets;

/**
 * Resolves the escapes of one string token and checks its UTF-8. For one thread, used once.
 *
 * <p>Text must be modified UTF-8: {@code C0 80} is U+0000, other overlong forms are refused, and so
 * are surrogates and the code points that Unicode reserves as noncharacters (U+FDD0 to U+FDEF, and
 * the last two of each plane). Source: observed with qemu-io 7.2.
 */
final class JsonStringReader {
  private static final int INVALID = -1;

  private final byte[] text;
  private final int end;
  private final StringBuilder result = new StringBuilder();
  private int at;

  /**
   * @param from first byte after the opening quote
   * @param end index of the closing quote
   */
  private JsonStringReader(byte[] text, int from, int end) {
    this.text = text;
    this.at = from;
    this.end = end;
  }

  static String read(byte[] text, Token token) throws UsageException {
    return new JsonStringReader(text, token.from() + 1, token.to() - 1).read();
  }

  private String read() throws UsageException {
    while (at < end) {
      if (text[at] == '\\') {
        escape();
      } else {
        int codePoint = codePoint();
        if (codePoint == INVALID) {
          throw JsonParser.error("invalid UTF-8 sequence in string");
        }
        result.appendCodePoint(codePoint);
      }
    }
    return result.toString();
  }

  private void escape() throws UsageException {
    int backslash = at;
    at += 2; // a backslash is never last: it would have taken the quote along
    switch (text[backslash + 1]) {
      case '"' -> result.append('"');
      case '\'' -> result.append('\'');
      case '\\' -> result.append('\\');
      case '/' -> result.append('/');
      case 'b' -> result.append('\b');
      case 'f' -> result.append('\f');
      case 'n' -> result.append('\n');
      case 'r' -> result.append('\r');
      case 't' -> result.append('\t');
      case 'u' -> unicodeEscape(backslash);
      default -> throw JsonParser.error("invalid escape sequence in string");
    }
  }

  private void unicodeEscape(int backslash) throws UsageException {
    int codePoint = hex4(at);
    at += 4;
    if (codePoint >= 0xD800 && codePoint <= 0xDBFF && byteAt(at) == '\\' && byteAt(at + 1) == 'u') {
      int low = hex4(at + 2);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        codePoint = Character.toCodePoint((char) codePoint, (char) low);
        at += 6;
      } else {
        codePoint = INVALID;
      }
    }
    if (!isValid(codePoint)) {
      // The four digits are counted even where the string ends before: the quote is shown then.
      int shown = Math.min(at, end + 1) - backslash;
      throw JsonParser.error(
          new String(text, backslash, shown, StandardCharsets.UTF_8)
              + " is not a valid Unicode character");
    }
    result.appendCodePoint(codePoint);
  }

  private int hex4(int from) {
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = Character.digit(byteAt(i), 16);
      if (digit < 0) {
        return INVALID;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /** One code point of modified UTF-8, or INVALID. */
  private int codePoint() {
    int first = Byte.toUnsignedInt(text[at++]);
    if (first < 0x80) {
      return isValid(first) ? first : INVALID;
    }
    if (first < 0xC0 || first >= 0xFE) {
      return INVALID;
    }
    int length = Integer.numberOfLeadingZeros(~(first << 24));
    int value = first & (0x7F >> length);
    for (int i = 1; i < length; i++) {
      int next = byteAt(at);
      if ((next & 0xC0) != 0x80) {
        return INVALID;
      }
      value = value << 6 | (next & 0x3F);
      at++;
    }
    boolean nul = value == 0 && length == 2;
    return isValid(value) && (nul || value >= smallest(length)) ? value : INVALID;
  }

  /** The smallest code point that needs so many bytes. */
  private static int smallest(int length) {
    return length == 2 ? 0x80 : 1 << (5 * length - 4);
  }

  /** Whether Unicode assigns a character to it, or may. */
  static boolean isValid(int codePoint) {
    return codePoint >= 0
        && codePoint <= Character.MAX_CODE_POINT
        && (codePoint < 0xFDD0 || codePoint > 0xFDEF)
        && (codePoint & 0xFFFE) != 0xFFFE
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }

  /** A byte of the token, unsigned; 0 behind the closing quote. */
  private int byteAt(int index) {
    return index <= end ? Byte.toUnsignedInt(text[index]) : 0;
  }
}
