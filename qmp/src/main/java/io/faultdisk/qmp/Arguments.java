package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.options.Options;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * Arguments that the schema has checked: what is asked for is there, or optional, and has its type.
 */
record Arguments(JsonObject object) {

  /** Whatever it is. */
  Optional<JsonValue> value(String name) {
    return get(name);
  }

  private Optional<JsonValue> get(String name) {
    return Optional.ofNullable(object.members().get(name));
  }

  Optional<String> string(String name) {
    return get(name).map(value -> ((JsonString) value).value());
  }

  String requireString(String name) {
    return string(name).orElseThrow();
  }

  boolean bool(String name, boolean otherwise) {
    return get(name).map(value -> ((JsonBool) value).value()).orElse(otherwise);
  }

  Optional<Boolean> bool(String name) {
    return get(name).map(value -> ((JsonBool) value).value());
  }

  /** A number; one of 64 bits without sign as the signed one of the same bits. */
  Optional<Long> number(String name) {
    return get(name).map(value -> new BigInteger(((JsonNumber) value).text()).longValue());
  }

  List<JsonValue> list(String name) {
    return get(name).map(value -> ((JsonArray) value).elements()).orElse(List.of());
  }

  Arguments object(String name) {
    return new Arguments((JsonObject) get(name).orElseThrow());
  }

  /** All of them by dotted key. */
  Options flat() {
    return Options.flatten(object);
  }
}
