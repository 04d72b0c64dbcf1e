package io.faultdisk.block.options;

import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the text of one option by its type. Stateless; safe from any thread.
 *
 * <p>Source: observed with qemu-io 7.2; util/qemu-option.c and util/cutils.c.
 */
public final class OptionText {
  private static final String[] SIZE_HINT = {
    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-",
    "and exabytes, respectively."
  };

  private static final int BITS = 64;

  /** Hexadecimal is the widest use of digits: more than this many cannot fit 64 bits. */
  private static final int OCTAL_DIGITS_MAX = 22;

  private OptionText() {}

  static OptionValues.Value check(OptionSpec spec, String text, Consumer<Warning> warnings)
      throws UsageException {
    long number =
        switch (spec.type()) {
          case STRING -> 0;
          case BOOL -> bool(spec.name(), text) ? 1 : 0;
          case NUMBER -> number(spec.name(), text);
          case SIZE -> size(spec.name(), text, warnings);
        };
    return new OptionValues.Value(text, number);
  }

  /** {@code on} or {@code off}, or one of their other spellings. */
  public static boolean bool(String name, String text) throws UsageException {
    return switch (text) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default -> throw new UsageException("Parameter '" + name + "' expects 'on' or 'off'");
    };
  }

  /** Bytes, with an optional suffix; to be taken as unsigned. */
  public static long size(String name, String text, Consumer<Warning> warnings)
      throws UsageException {
    SizeText size = Units.parseUnsignedSize(text);
    if (size.hexWithSuffix()) {
      warnings.accept(
          new Warning(
              "Using a multiplier suffix on hex numbers is deprecated: " + text, List.of()));
    }
    return switch (size.kind()) {
      case OK -> size.bytes();
      case NOT_A_NUMBER ->
          throw new UsageException(
              "Parameter '" + name + "' expects a non-negative number below 2^64", SIZE_HINT);
      case TOO_LARGE ->
          throw new UsageException(
              "Value '" + text + "' is out of range for parameter '" + name + "'");
    };
  }

  /** As C's strtoull with base 0, all of the text; a minus sign wraps around. */
  public static long number(String name, String text) throws UsageException {
    int at = 0;
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
    boolean negative = at < text.length() && text.charAt(at) == '-';
    if (negative || (at < text.length() && text.charAt(at) == '+')) {
      at++;
    }
    String digits = text.substring(at);
    int radix = 10;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      boolean hex = digits.charAt(1) == 'x' || digits.charAt(1) == 'X';
      radix = hex ? 16 : 8;
      digits = digits.substring(hex ? 2 : 1);
    }
    if (digits.isEmpty()) {
      throw notANumber(name);
    }
    int significant = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c >= 128 || Character.digit(c, radix) < 0) {
        throw notANumber(name);
      }
      if (c != '0' || significant > 0) {
        significant++;
      }
    }
    String tail = digits.substring(digits.length() - significant);
    BigInteger value =
        significant == 0
            ? BigInteger.ZERO
            : significant > OCTAL_DIGITS_MAX
                ? BigInteger.ONE.shiftLeft(BITS)
                : new BigInteger(tail, radix);
    if (value.bitLength() > BITS) {
      throw new UsageException("Value '" + text + "' is too large for parameter '" + name + "'");
    }
    return negative ? -value.longValue() : value.longValue();
  }

  private static UsageException notANumber(String name) {
    return new UsageException("Parameter '" + name + "' expects a number");
  }

  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
