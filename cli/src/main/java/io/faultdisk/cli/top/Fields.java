package io.faultdisk.cli.top;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.List;
import java.util.Map;

/**
 * Looks into JSON that a server sent. What is missing, or of another type, is nothing: a newer or
 * older server must not make {@code top} useless. Stateless.
 */
final class Fields {
  private Fields() {}

  static Map<String, JsonValue> members(JsonValue value, String name) {
    return value instanceof JsonObject object
            && object.members().get(name) instanceof JsonObject inner
        ? inner.members()
        : Map.of();
  }

  static List<JsonValue> elements(JsonValue value, String name) {
    return value instanceof JsonObject object
            && object.members().get(name) instanceof JsonArray inner
        ? inner.elements()
        : List.of();
  }

  static List<JsonValue> elements(JsonValue value) {
    return value instanceof JsonArray array ? array.elements() : List.of();
  }

  static String text(JsonValue value, String name) {
    return value instanceof JsonObject object
            && object.members().get(name) instanceof JsonString text
        ? text.value()
        : "";
  }

  static String text(JsonValue value) {
    return value instanceof JsonString text ? text.value() : "";
  }

  static long number(JsonValue value, String name) {
    if (value instanceof JsonObject object) {
      JsonValue member = object.members().get(name);
      return member == null ? 0 : number(member);
    }
    return 0;
  }

  static long number(JsonValue value) {
    return (long) real(value);
  }

  static double real(JsonValue value, String name) {
    if (value instanceof JsonObject object) {
      JsonValue member = object.members().get(name);
      return member == null ? 0 : real(member);
    }
    return 0;
  }

  private static double real(JsonValue value) {
    try {
      return value instanceof JsonNumber number ? Double.parseDouble(number.text()) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static boolean bool(JsonValue value, String name) {
    return value instanceof JsonObject object
        && object.members().get(name) instanceof JsonBool bool
        && bool.value();
  }
}
