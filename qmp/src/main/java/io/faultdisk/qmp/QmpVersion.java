package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The version in the greeting.
 *
 * @param package_ who made it, for people
 */
public record QmpVersion(int major, int minor, int micro, String package_) {

  /** Under the keys that QEMU has for its own. */
  JsonObject toJson() {
    Map<String, JsonValue> numbers = new LinkedHashMap<>();
    numbers.put("major", JsonNumber.of(major));
    numbers.put("minor", JsonNumber.of(minor));
    numbers.put("micro", JsonNumber.of(micro));
    Map<String, JsonValue> version = new LinkedHashMap<>();
    version.put("qemu", new JsonObject(numbers));
    version.put("package", new JsonString(package_));
    return new JsonObject(version);
  }
}
