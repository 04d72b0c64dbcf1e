package io.faultdisk.rules;

/**
 * A number in a rule: decimal, {@code 0x} hexadecimal or {@code 0} octal, with sign and leading
 * blanks, in 64 bits.
 *
 * <p>As C's {@code strtoull} with base 0: a minus sign is allowed and wraps around.
 *
 * @param kind whether it is one
 * @param value the 64 bits; 0 unless {@link Kind#OK}
 */
record NumberText(Kind kind, long value) {

  enum Kind {
    OK,
    NOT_A_NUMBER,
    /** More than 64 bits. */
    TOO_LARGE
  }

  private static final NumberText NOT_A_NUMBER = new NumberText(Kind.NOT_A_NUMBER, 0);

  static NumberText parse(String text) {
    int at = 0;
    while (at < text.length() && LineScanner.isBlank(text.charAt(at))) {
      at++;
    }
    boolean negative = at < text.length() && text.charAt(at) == '-';
    if (negative || (at < text.length() && text.charAt(at) == '+')) {
      at++;
    }
    int radix = 10;
    if (at < text.length() && text.charAt(at) == '0') {
      boolean hex =
          at + 2 < text.length()
              && (text.charAt(at + 1) == 'x' || text.charAt(at + 1) == 'X')
              && digit(text.charAt(at + 2), 16) >= 0;
      radix = hex ? 16 : 8;
      at += hex ? 2 : 0;
    }
    int from = at;
    long value = 0;
    boolean tooLarge = false;
    long limit = Long.divideUnsigned(-1, radix);
    for (; at < text.length(); at++) {
      int digit = digit(text.charAt(at), radix);
      if (digit < 0) {
        // Junk behind a number that is too large is junk.
        return NOT_A_NUMBER;
      }
      long next = value * radix + digit;
      tooLarge |= Long.compareUnsigned(value, limit) > 0 || Long.compareUnsigned(next, digit) < 0;
      value = next;
    }
    if (at == from) {
      return NOT_A_NUMBER;
    }
    return tooLarge
        ? new NumberText(Kind.TOO_LARGE, 0)
        : new NumberText(Kind.OK, negative ? -value : value);
  }

  private static int digit(char c, int radix) {
    return c < 0x80 ? Character.digit(c, radix) : -1;
  }
}
