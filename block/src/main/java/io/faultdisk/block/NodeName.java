package io.faultdisk.block;

import io.faultdisk.block.options.Json;
import io.faultdisk.block.options.JsonObject;
import io.faultdisk.block.options.JsonString;
import io.faultdisk.block.options.JsonValue;
import io.faultdisk.block.options.Options;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names a node that has no plain file name: a JSON object with everything that decides its content.
 */
final class NodeName {
  private NodeName() {}

  static String json(Node node) {
    return Json.write(describe(node));
  }

  private static JsonObject describe(Node node) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("driver", new JsonString(node.type().name()));
    Options effective = node.options().effective();
    for (String key : effective.keys()) {
      if (decides(node, key)) {
        effective.get(key).ifPresent(value -> members.put(key, value));
      }
    }
    for (Child child : node.children()) {
      members.put(child.name(), describe(child.node()));
    }
    return new JsonObject(members);
  }

  private static boolean decides(Node node, String key) {
    for (String name : node.type().namingOptions()) {
      if (name.endsWith(".") ? key.startsWith(name) : key.equals(name)) {
        return true;
      }
    }
    return false;
  }
}
