package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rules as a JSON object, as QEMU's {@code blockdev-add} has them: an array of objects, or a single
 * object, by the name of each section.
 *
 * <pre>{@code
 * {"inject-error": [{"event": "fsync", "path": "*.wal", "occurrence": 3, "errno": "EIO"}]}
 * }</pre>
 *
 * <p>They become the dotted options {@code inject-error.0.event} and so on, and are read as those.
 */
final class JsonRules {
  private final Map<String, String> options = new LinkedHashMap<>();

  private JsonRules() {}

  /**
   * Turns text into dotted options.
   *
   * @throws UsageException if it is not an object whose members are objects or arrays of objects
   */
  static Map<String, String> options(byte[] text, Dialect dialect) throws UsageException {
    if (!(Json.parse(text) instanceof JsonObject root)) {
      throw new UsageException(
          "The rules are not a JSON object", "Write {\"inject-error\": [{\"event\": ...}, ...]}.");
    }
    JsonRules rules = new JsonRules();
    for (Map.Entry<String, JsonValue> member : root.members().entrySet()) {
      String section = member.getKey();
      if (RuleSchema.named(section, dialect).isEmpty()) {
        throw new Complaints(dialect).noOptionGroup(Source.program(), ByteText.encode(section));
      }
      if (member.getValue() instanceof JsonArray array) {
        for (int i = 0; i < array.elements().size(); i++) {
          rules.rule(section + "." + i, array.elements().get(i));
        }
      } else {
        rules.rule(section + ".0", member.getValue());
      }
    }
    return rules.options;
  }

  private void rule(String name, JsonValue value) throws UsageException {
    if (!(value instanceof JsonObject rule)) {
      throw new UsageException(
          name + " is not a JSON object", "A rule is an object: {\"event\": \"fsync\", ...}.");
    }
    for (Map.Entry<String, JsonValue> key : rule.members().entrySet()) {
      options.put(name + "." + key.getKey(), text(name + "." + key.getKey(), key.getValue()));
    }
  }

  private static String text(String name, JsonValue value) throws UsageException {
    if (value instanceof JsonString string) {
      return string.value();
    }
    if (value instanceof JsonNumber number) {
      return number.text();
    }
    if (value instanceof JsonBool bool) {
      return bool.value() ? "on" : "off";
    }
    throw new UsageException(
        name + " has no value", "Values are strings, numbers, true and false.");
  }
}
