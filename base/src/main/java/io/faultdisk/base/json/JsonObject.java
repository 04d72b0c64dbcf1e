package io.faultdisk.base.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A JSON object.
 *
 * @param members in the order they were put; {@link Json#write} prints them in QEMU's
 */
public record JsonObject(Map<String, JsonValue> members) implements JsonValue {
  public JsonObject {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  @Override
  public boolean isEmptyContainer() {
    return members.isEmpty();
  }
}
