package io.faultdisk.qmp.schema;

import static io.faultdisk.qmp.schema.ArgumentChecker.wrongType;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.SchemaType.Builtin;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Pattern;

/** JSON proper. */
final class JsonScalars implements Scalars {
  /** 64 bits have at most 20 digits. */
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,20}");

  @Override
  public JsonValue scalar(String full, String last, Builtin type, JsonValue given)
      throws UsageException {
    return switch (type) {
      case STR -> require(given instanceof JsonString, given, full, "string");
      case BOOL -> require(given instanceof JsonBool, given, full, "boolean");
      case NUMBER -> require(given instanceof JsonNumber, given, full, "number");
      case NULL -> require(given instanceof JsonNull, given, full, "null");
      case ANY -> given;
      case INT -> {
        Optional<BigInteger> value = whole(given);
        yield require(
            value.isPresent() && value.get().compareTo(INT_MAX) <= 0, given, full, "integer");
      }
      case UINT8, UINT16, UINT32, UINT64, SIZE -> {
        Optional<BigInteger> value = whole(given);
        if (value.isEmpty()) {
          throw Scalars.expects(full, "uint64");
        }
        yield Scalars.limited(last, type, value.get());
      }
    };
  }

  private static JsonValue require(boolean fits, JsonValue given, String full, String type)
      throws UsageException {
    if (!fits) {
      throw wrongType(full, type);
    }
    return given;
  }

  private static Optional<BigInteger> whole(JsonValue given) {
    return given instanceof JsonNumber(String text, boolean whole)
            && whole
            && WHOLE.matcher(text).matches()
        ? Optional.of(new BigInteger(text)).filter(Scalars::fits64)
        : Optional.empty();
  }

  @Override
  public String index(int number) {
    return "[" + number + "]";
  }
}
