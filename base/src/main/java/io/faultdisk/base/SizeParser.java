package io.faultdisk.base;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Reads one size, see {@link Units#parseSize}. For one thread, used once.
 *
 * <p>The C functions this follows stop at the first character they cannot use and only the last
 * step looks whether anything is left. So {@code 99999999999999999999x} is "not a number", not "too
 * large": junk wins.
 */
final class SizeParser {
  private static final String UNITS = "BKMGTPE";
  private static final int FRACTION_BITS = 64;

  /** Stands for any number of more than 64 bits. */
  private static final BigInteger BEYOND = BigInteger.ONE.shiftLeft(FRACTION_BITS);

  private final String text;
  private int at;

  SizeParser(String text) {
    this.text = text;
  }

  SizeText parse(BigInteger max) {
    while (isBlank(peek())) {
      at++;
    }
    boolean negative = peek() == '-';
    if (negative || peek() == '+') {
      at++;
    }
    int start = at;
    BigInteger whole = digits(10);
    if (at == start) {
      return SizeText.NOT_A_NUMBER;
    }
    if (whole.bitLength() > FRACTION_BITS) {
      return ended(SizeText.TOO_LARGE);
    }
    if (negative) {
      return SizeText.NOT_A_NUMBER;
    }
    boolean hex = false;
    BigInteger fraction = BigInteger.ZERO;
    if (whole.signum() == 0 && (peek() == 'x' || peek() == 'X')) {
      // "00x1" is not hexadecimal: the prefix is exactly 0x.
      if (at - start != 1 || Character.digit(peek(1), 16) < 0) {
        return SizeText.NOT_A_NUMBER;
      }
      at++;
      whole = digits(16);
      if (whole.bitLength() > FRACTION_BITS) {
        return ended(SizeText.TOO_LARGE);
      }
      if (peek() == '.') {
        return SizeText.NOT_A_NUMBER;
      }
      hex = true;
    } else if (peek() == '.') {
      at++;
      int from = at;
      digits(10);
      if (at > from && exponentFollows()) {
        return SizeText.NOT_A_NUMBER;
      }
      fraction = fraction(text.substring(from, at));
    }

    int unit = UNITS.indexOf(upper(peek())); // never 0, B, after 0x: there it is a digit
    if (unit >= 0) {
      at++;
    }
    if (unit <= 0) {
      if (fraction.signum() != 0) {
        return SizeText.NOT_A_NUMBER;
      }
      return result(whole, max);
    }
    BigInteger fixedPoint = whole.shiftLeft(FRACTION_BITS).or(fraction).shiftLeft(10 * unit);
    BigInteger rounded = fixedPoint.add(BigInteger.ONE.shiftLeft(FRACTION_BITS - 1));
    SizeText result = result(rounded.shiftRight(FRACTION_BITS), max);
    return hex ? result.withHexSuffix() : result;
  }

  private SizeText result(BigInteger bytes, BigInteger max) {
    return ended(
        bytes.compareTo(max) > 0
            ? SizeText.TOO_LARGE
            : new SizeText(SizeText.Kind.OK, bytes.longValue(), false));
  }

  /** The outcome, unless something is left of the text. */
  private SizeText ended(SizeText outcome) {
    return at < text.length() ? SizeText.NOT_A_NUMBER : outcome;
  }

  private BigInteger digits(int radix) {
    int from = at;
    while (peek() < 128 && Character.digit(peek(), radix) >= 0) {
      at++;
    }
    int significant = from;
    while (significant < at && text.charAt(significant) == '0') {
      significant++;
    }
    if (significant == at) {
      return BigInteger.ZERO;
    }
    // Reading digits takes quadratic time, and beyond 64 bits they are all the same to us.
    return at - significant > FRACTION_BITS
        ? BEYOND
        : new BigInteger(text.substring(significant, at), radix);
  }

  /**
   * Whether what comes next makes the fraction a number like 1.5e3; {@code 1.5e} alone is
   * exbibytes.
   */
  private boolean exponentFollows() {
    if (upper(peek()) != 'E') {
      return false;
    }
    char next = peek(1);
    return isDigit(next) || ((next == '+' || next == '-') && isDigit(peek(2)));
  }

  /** The digits after the point in 2^-64ths, through a double as in C. */
  private static BigInteger fraction(String digits) {
    if (digits.isEmpty()) {
      return BigInteger.ZERO;
    }
    BigInteger scaled =
        new BigDecimal(Double.parseDouble("0." + digits))
            .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(FRACTION_BITS)))
            .toBigInteger();
    // Twenty nines round to 1.0, which does not fit; the C conversion gives 0 there.
    return scaled.bitLength() > FRACTION_BITS ? BigInteger.ZERO : scaled;
  }

  /** The next character, 0 at the end. */
  private char peek() {
    return peek(0);
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char) (c - 32) : c;
  }
}
