package io.faultdisk.qmp.schema;

import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.SchemaType.Builtin;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@link KeyValues} reads: all is text. */
final class KeyValueScalars implements Scalars {
  /** As C's {@code strtol} takes it with base 0. */
  private static final Pattern INTEGER =
      Pattern.compile("[ \t\n\r\f]*([-+]?)(?:0[xX]([0-9a-fA-F]{1,20})|([0-9]{1,30}))");

  @Override
  public JsonValue scalar(String full, String last, Builtin type, JsonValue given)
      throws UsageException {
    if (type == Builtin.ANY) {
      return given;
    }
    if (!(given instanceof JsonString(String text))) {
      throw new UsageException("Parameters '" + full + ".*' are unexpected");
    }
    return switch (type) {
      case STR, ANY -> given;
      case BOOL ->
          switch (text) {
            case "on", "yes", "true", "y" -> new JsonBool(true);
            case "off", "no", "false", "n" -> new JsonBool(false);
            default -> throw Scalars.expects(full, "'on' or 'off'");
          };
      case NULL -> {
        if (!text.isEmpty()) {
          throw ArgumentChecker.wrongType(full, "null");
        }
        yield new JsonNull();
      }
      case NUMBER -> number(full, text);
      case INT -> {
        Optional<BigInteger> value = integer(text).filter(v -> v.compareTo(INT_MAX) <= 0);
        yield new JsonNumber(require(full, value).toString());
      }
      case UINT8, UINT16, UINT32, UINT64 -> {
        Optional<BigInteger> value = integer(text);
        yield Scalars.limited(last, type, require(full, value));
      }
      case SIZE -> size(full, text);
    };
  }

  private static BigInteger require(String full, Optional<BigInteger> value) throws UsageException {
    if (value.isEmpty()) {
      throw Scalars.expects(full, "integer");
    }
    return value.get();
  }

  private static JsonNumber number(String full, String text) throws UsageException {
    try {
      return new JsonNumber(Double.toString(Double.parseDouble(text)));
    } catch (NumberFormatException e) {
      throw ArgumentChecker.wrongType(full, "number");
    }
  }

  private static JsonNumber size(String full, String text) throws UsageException {
    SizeText size = Units.parseUnsignedSize(text);
    if (!size.isOk()) {
      throw Scalars.expects(full, "a size");
    }
    return new JsonNumber(Long.toUnsignedString(size.bytes()));
  }

  private static Optional<BigInteger> integer(String text) {
    Matcher matcher = INTEGER.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String hex = matcher.group(2);
    BigInteger value;
    if (hex != null) {
      value = new BigInteger(hex, 16);
    } else {
      String digits = matcher.group(3);
      if (digits.length() > 1 && digits.startsWith("0")) {
        if (!digits.matches("[0-7]+")) {
          return Optional.empty();
        }
        value = new BigInteger(digits, 8);
      } else {
        value = new BigInteger(digits);
      }
    }
    return Optional.of("-".equals(matcher.group(1)) ? value.negate() : value)
        .filter(Scalars::fits64);
  }

  @Override
  public String index(int number) {
    return "." + number;
  }
}
