package io.faultdisk.base;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Sizes as qemu-io writes and reads them: {@code 64 KiB}, {@code 1.500 KiB}; {@code 64k}, {@code
 * 1.5M}.
 *
 * <p>All units are powers of 1024. Stateless; safe from any thread.
 *
 * <p>Source: observed with qemu-io 7.2 ({@code length}, {@code read}); the parser's odd corners as
 * in QEMU 7.2 {@code util/cutils.c}, {@code qemu_strtosz()}.
 */
public final class Units {
  /** Names from the largest down; the first whose size is not above the value is taken. */
  private static final String[] NAMES = {" EiB", " PiB", " TiB", " GiB", " MiB", " KiB"};

  private static final int LARGEST_SHIFT = 60;
  private static final int SHIFT_STEP = 10;

  private static final BigInteger SIGNED_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger UNSIGNED_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private Units() {}

  /** {@link #human(double)} for a whole number of bytes. */
  public static String human(long bytes) {
    return human((double) bytes);
  }

  /**
   * A size or a rate for people: three decimals with a unit, six for bytes, and none where they are
   * zero: {@code 64 KiB}, {@code 1.500 KiB}, {@code 512 bytes}, {@code 0.160218 bytes}.
   *
   * @param bytes not negative; infinite is {@code inf EiB}
   */
  public static String human(double bytes) {
    int shift = LARGEST_SHIFT;
    for (String name : NAMES) {
      double unit = (double) (1L << shift);
      if (bytes >= unit) {
        return trimmed(fixed(bytes / unit, 3)) + name;
      }
      shift -= SHIFT_STEP;
    }
    return trimmed(fixed(bytes, 6)) + " bytes";
  }

  /**
   * A size with up to three significant digits: {@code 64 MiB}, {@code 1.06 MiB}, {@code 196 KiB},
   * {@code 0 B}. As {@code info} of qemu-img shows sizes, with its {@code 1e+03 KiB} for what is
   * just below the next unit.
   *
   * @param bytes not negative
   */
  public static String brief(long bytes) {
    // The unit changes where three digits are used up, at 1000 of the smaller one, not at 1024.
    int exponent = bytes == 0 ? 0 : Math.getExponent(bytes / (1000.0 / 1024.0));
    int shift = Math.max(0, exponent / SHIFT_STEP * SHIFT_STEP);
    String unit = shift == 0 ? " B" : NAMES[(LARGEST_SHIFT - shift) / SHIFT_STEP];
    return threeDigits((double) bytes / (1L << shift)) + unit;
  }

  /** C's {@code %.3g} for 0 and what is from 1 to below 1024. */
  private static String threeDigits(double value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded =
        new BigDecimal(value)
            .round(new MathContext(3, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    boolean exponential = rounded.precision() - rounded.scale() > 3;
    // Four digits before the point are one too many: 1e+03, or 1.02e+03.
    return exponential
        ? rounded.movePointLeft(3).stripTrailingZeros().toPlainString() + "e+03"
        : rounded.toPlainString();
  }

  /**
   * C's {@code %.<decimals>f}: the exact value, rounded half to even. ({@link String#format} rounds
   * the shortest decimal form half up: 1088 bytes would be 1.063 KiB instead of 1.062 KiB.)
   *
   * @param decimals 0 or more
   */
  public static String fixed(double value, int decimals) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  /** Cuts at the first {@code .000}, so 0.000160 bytes become 0 as they do in qemu-io. */
  private static String trimmed(String number) {
    int zeros = number.indexOf(".000");
    return zeros < 0 ? number : number.substring(0, zeros);
  }

  /**
   * Reads a size of up to 2<sup>63</sup>-1 bytes as the arguments of qemu-io's commands are read.
   *
   * <p>Decimal digits with an optional fraction, or {@code 0x} and hexadecimal digits; then
   * optionally one letter {@code b k M G T P E} in either case. Blanks and {@code +} may lead. A
   * leading zero does not mean octal. A fraction of a byte is rounded, half upwards; without a unit
   * above {@code b} only a zero fraction is allowed.
   */
  public static SizeText parseSize(String text) {
    return new SizeParser(text).parse(SIGNED_MAX);
  }

  /**
   * Like {@link #parseSize} but up to 2<sup>64</sup>-1, as options of type "size" are read; {@link
   * SizeText#bytes()} is to be taken as unsigned.
   */
  public static SizeText parseUnsignedSize(String text) {
    return new SizeParser(text).parse(UNSIGNED_MAX);
  }
}
