package io.faultdisk.base.json;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A JSON number, kept as the text that QEMU would print for it.
 *
 * <p>QEMU holds a number as signed 64-bit integer if it fits, else as unsigned 64-bit integer, else
 * as double; it prints a double with 17 significant digits. So {@code 1e3} is {@code 1000} and
 * {@code 0.1} is {@code 0.10000000000000001}.
 *
 * @param text the printed form
 * @param whole whether it is held as an integer, and so fits where one is wanted; {@code 1e3} is
 *     not
 */
public record JsonNumber(String text, boolean whole) implements JsonValue {
  private static final BigInteger INT_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger UINT_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** More digits than any 64-bit number has; longer ones go straight to double. */
  private static final int DIGITS_MAX = 20;

  /** A number as it is printed, an integer if it looks like one. */
  public JsonNumber(String text) {
    this(text, isWhole(text));
  }

  private static boolean isWhole(String text) {
    return text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
  }

  /** A whole number. */
  public static JsonNumber of(long value) {
    return new JsonNumber(Long.toString(value));
  }

  /** Numbers that print the same are equal: so what is printed reads back as it was. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonNumber number && number.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Reads a number in JSON's grammar, already checked. */
  static JsonNumber read(String literal) {
    if (isWhole(literal) && literal.length() <= DIGITS_MAX) {
      BigInteger integer = new BigInteger(literal);
      if (integer.compareTo(INT_MIN) >= 0 && integer.compareTo(UINT_MAX) <= 0) {
        return new JsonNumber(integer.toString(), true);
      }
    }
    return new JsonNumber(DoubleText.format(Double.parseDouble(literal)), false);
  }
}
