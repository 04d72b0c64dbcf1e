package io.faultdisk.base.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Prints doubles as C's {@code %.17g} does. */
final class DoubleText {
  private static final int DIGITS = 17;

  private DoubleText() {}

  static String format(double value) {
    if (Double.isInfinite(value)) {
      return value < 0 ? "-inf" : "inf";
    }
    String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
    BigDecimal exact = new BigDecimal(Math.abs(value));
    if (exact.signum() == 0) {
      return sign + "0";
    }
    BigDecimal rounded = exact.round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS) {
      return sign + rounded.stripTrailingZeros().toPlainString();
    }
    String digits = rounded.unscaledValue().toString().replaceAll("0+$", "");
    String point = digits.length() > 1 ? "." + digits.substring(1) : "";
    String magnitude = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
    return sign + digits.charAt(0) + point + "e" + (exponent < 0 ? "-" : "+") + magnitude;
  }
}
