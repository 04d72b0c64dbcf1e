package io.faultdisk.block.options;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Turns nested objects and arrays into dotted keys: {@code {"file": {"image": [1, {"a": 2}]}}}
 * becomes {@code file.image.0 = 1}, {@code file.image.1.a = 2}.
 *
 * <p>Empty containers stay as values. When two paths end in the same key, the one that QEMU visits
 * last wins; a nested value always wins over a dotted key beside it. Stateless.
 *
 * <p>Source: observed with qemu-io 7.2; qobject/block-qdict.c.
 */
final class Flattener {
  private Flattener() {}

  static void flatten(JsonObject root, Options target) {
    root.members().forEach(target::put);
    for (String key : QemuKeyOrder.of(root.members().keySet(), StandardCharsets.UTF_8)) {
      // Not the root's own value: a path walked before may have replaced it.
      JsonValue value = target.get(key).orElseThrow();
      if (isNested(value)) {
        put(key, value, target);
        target.remove(key);
      }
    }
  }

  private static boolean isNested(JsonValue value) {
    return (value instanceof JsonObject || value instanceof JsonArray) && !value.isEmptyContainer();
  }

  private static void put(String path, JsonValue value, Options target) {
    if (!isNested(value)) {
      target.put(path, value);
    } else if (value instanceof JsonArray(List<JsonValue> elements)) {
      for (int i = 0; i < elements.size(); i++) {
        put(path + "." + i, elements.get(i), target);
      }
    } else if (value instanceof JsonObject object) {
      Map<String, JsonValue> members = object.members();
      for (String key : QemuKeyOrder.of(members.keySet(), StandardCharsets.UTF_8)) {
        put(path + "." + key, members.getOrDefault(key, new JsonNull()), target);
      }
    }
  }
}
