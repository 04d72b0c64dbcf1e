package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object that somebody sent. Each method that finds something else than it looks for throws
 * a {@link UsageException} which names the member. Immutable.
 */
final class JsonBody {
  private final Map<String, JsonValue> members;

  private JsonBody(JsonObject object) {
    this.members = object.members();
  }

  /** Reads one; nothing at all is an object without members. */
  static JsonBody parse(byte[] body) throws UsageException {
    if (body.length == 0) {
      return new JsonBody(new JsonObject(Map.of()));
    }
    if (Json.parse(body) instanceof JsonObject object) {
      return new JsonBody(object);
    }
    throw new UsageException("the body must be a JSON object");
  }

  /** Refuses members that nobody asks for. */
  void requireOnly(String... names) throws UsageException {
    List<String> known = Arrays.asList(names);
    for (String name : members.keySet()) {
      if (!known.contains(name)) {
        throw new UsageException(
            "there is no member '"
                + name
                + "' here; "
                + (known.isEmpty() ? "there is none" : "there are: " + String.join(", ", known)));
      }
    }
  }

  private Optional<JsonValue> find(String name) {
    return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof JsonNull));
  }

  boolean has(String name) {
    return find(name).isPresent();
  }

  Optional<String> optional(String name) throws UsageException {
    Optional<JsonValue> found = find(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (found.get() instanceof JsonString text) {
      return Optional.of(text.value());
    }
    throw new UsageException("'" + name + "' must be a string");
  }

  String string(String name) throws UsageException {
    return optional(name).orElseThrow(() -> missing(name));
  }

  boolean bool(String name, boolean otherwise) throws UsageException {
    Optional<JsonValue> found = find(name);
    if (found.isEmpty()) {
      return otherwise;
    }
    if (found.get() instanceof JsonBool bool) {
      return bool.value();
    }
    throw new UsageException("'" + name + "' must be true or false");
  }

  /** A whole number. */
  Optional<Long> number(String name, long min, long max) throws UsageException {
    Optional<JsonValue> found = find(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (found.get() instanceof JsonNumber number) {
      try {
        long value = Long.parseLong(number.text());
        if (value >= min && value <= max) {
          return Optional.of(value);
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
    }
    throw new UsageException("'" + name + "' must be a whole number from " + min + " to " + max);
  }

  static UsageException missing(String name) {
    return new UsageException("'" + name + "' is missing");
  }

  /**
   * The members of an inner object, or with {@code ""} of this one, as they would stand in a rule
   * file: {@code true} is {@code on}.
   *
   * @param without a member to leave out
   */
  Map<String, String> texts(String name, String without) throws UsageException {
    Map<String, JsonValue> from = members;
    if (!name.isEmpty()) {
      Optional<JsonValue> found = find(name);
      if (found.isPresent() && !(found.get() instanceof JsonObject)) {
        throw new UsageException("'" + name + "' must be an object");
      }
      from = found.isPresent() ? ((JsonObject) found.get()).members() : Map.of();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> member : from.entrySet()) {
      if (!member.getKey().equals(without) && !(member.getValue() instanceof JsonNull)) {
        texts.put(member.getKey(), text(member.getKey(), member.getValue()));
      }
    }
    return texts;
  }

  private static String text(String name, JsonValue value) throws UsageException {
    return switch (value) {
      case JsonString string -> string.value();
      case JsonNumber number -> number.text();
      case JsonBool bool -> bool.value() ? "on" : "off";
      case JsonNull _, JsonArray _, JsonObject _ ->
          throw new UsageException("'" + name + "' must be a string, a number, true or false");
    };
  }
}
