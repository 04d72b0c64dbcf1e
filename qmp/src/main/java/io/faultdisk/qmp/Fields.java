package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The members of an object, one after the other. For one thread. */
final class Fields {
  private final Map<String, JsonValue> members = new LinkedHashMap<>();

  Fields put(String name, JsonValue value) {
    members.put(name, value);
    return this;
  }

  Fields put(String name, String text) {
    return put(name, new JsonString(text));
  }

  Fields put(String name, long number) {
    return put(name, JsonNumber.of(number));
  }

  Fields put(String name, boolean bool) {
    return put(name, new JsonBool(bool));
  }

  <T> Fields put(String name, Optional<T> value, Function<T, JsonValue> describer) {
    value.ifPresent(present -> put(name, describer.apply(present)));
    return this;
  }

  <T> Fields put(String name, List<T> items, Function<T, JsonValue> describer) {
    return put(name, list(items, describer));
  }

  JsonObject object() {
    return new JsonObject(members);
  }

  static <T> JsonArray list(List<T> items, Function<T, JsonValue> describer) {
    List<JsonValue> elements = new ArrayList<>();
    for (T item : items) {
      elements.add(describer.apply(item));
    }
    return new JsonArray(elements);
  }
}
