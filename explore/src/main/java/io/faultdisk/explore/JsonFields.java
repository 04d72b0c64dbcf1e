package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object that others may have changed: whatever is not as expected is the
 * user's mistake, named by its place.
 *
 * @param place file and line, for messages
 * @param members of the object
 */
record JsonFields(String place, Map<String, JsonValue> members) {

  static JsonFields parse(String place, String text) throws UsageException {
    JsonValue value;
    try {
      value = Json.parse(text);
    } catch (UsageException e) {
      throw new UsageException(place + " is damaged: " + e.getMessage());
    }
    return of(place, value);
  }

  static JsonFields of(String place, JsonValue value) throws UsageException {
    if (value instanceof JsonObject object) {
      return new JsonFields(place, object.members());
    }
    throw new UsageException(place + " is damaged: it is no JSON object");
  }

  UsageException bad(String key) {
    return new UsageException(
        place + " is damaged: \"" + key + "\" is missing, or is no such value");
  }

  String text(String key) throws UsageException {
    if (members.get(key) instanceof JsonString string) {
      return string.value();
    }
    throw bad(key);
  }

  Optional<String> optionalText(String key) throws UsageException {
    return members.containsKey(key) ? Optional.of(text(key)) : Optional.empty();
  }

  long number(String key) throws UsageException {
    return number(key, members.get(key));
  }

  private long number(String key, @Nullable JsonValue value) throws UsageException {
    if (value instanceof JsonNumber number) {
      try {
        return Long.parseLong(number.text());
      } catch (NumberFormatException e) {
        throw bad(key);
      }
    }
    throw bad(key);
  }

  /** A number from 0 that fits. */
  int count(String key) throws UsageException {
    long number = number(key);
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw bad(key);
    }
    return (int) number;
  }

  List<String> texts(String key) throws UsageException {
    List<String> texts = new ArrayList<>();
    for (JsonValue element : elements(key)) {
      if (!(element instanceof JsonString string)) {
        throw bad(key);
      }
      texts.add(string.value());
    }
    return texts;
  }

  List<JsonValue> elements(String key) throws UsageException {
    if (members.get(key) instanceof JsonArray array) {
      return array.elements();
    }
    throw bad(key);
  }

  Optional<JsonFields> optionalObject(String key) throws UsageException {
    JsonValue value = members.get(key);
    return value == null ? Optional.empty() : Optional.of(of(place + ", \"" + key + "\"", value));
  }

  JsonFields object(String key) throws UsageException {
    return optionalObject(key).orElseThrow(() -> bad(key));
  }

  SortedMap<String, Long> allNumbers() throws UsageException {
    SortedMap<String, Long> numbers = new TreeMap<>();
    for (String key : members.keySet()) {
      numbers.put(key, number(key));
    }
    return numbers;
  }

  SortedMap<String, String> allTexts() throws UsageException {
    SortedMap<String, String> texts = new TreeMap<>();
    for (String key : members.keySet()) {
      texts.put(key, text(key));
    }
    return texts;
  }
}
