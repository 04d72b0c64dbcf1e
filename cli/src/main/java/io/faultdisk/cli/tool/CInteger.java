package io.faultdisk.cli.tool;

import java.util.OptionalLong;

/** Whole numbers as C's {@code strtol(text, end, 0)} reads them. */
public final class CInteger {
  private CInteger() {}

  /**
   * The number that makes up the whole text: decimal, {@code 0x} hexadecimal or {@code 0} octal,
   * with blanks and a sign in front. What does not fit becomes the largest or smallest {@code
   * long}. Nothing at all is 0.
   */
  public static OptionalLong parse(String text) {
    int at = 0;
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
    boolean negative = false;
    if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      negative = text.charAt(at) == '-';
      at++;
    }
    int radix = 10;
    if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
      radix = 16;
      at += 2;
    } else if (text.startsWith("0", at)) {
      radix = 8;
    }
    if (at == text.length()) {
      return text.isEmpty() ? OptionalLong.of(0) : OptionalLong.empty();
    }
    long value = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      int digit = c < 128 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return OptionalLong.empty();
      }
      value = value > (Long.MAX_VALUE - digit) / radix ? Long.MAX_VALUE : value * radix + digit;
    }
    return OptionalLong.of(negative ? -value : value);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
