package io.faultdisk.qmp;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * A request that is one.
 *
 * @param outOfBand asked for by {@code exec-oob}
 */
record Request(String command, JsonObject arguments, boolean outOfBand) {
  private static final String EXECUTE = "execute";
  private static final String EXEC_OOB = "exec-oob";

  /**
   * Reads it; what is wrong is found in the order in which QEMU walks the members.
   *
   * @param oob whether {@code exec-oob} was agreed on
   */
  static Request read(JsonValue value, boolean oob) throws UsageException {
    if (!(value instanceof JsonObject(Map<String, JsonValue> members))) {
      throw new UsageException("QMP input must be a JSON object");
    }
    Optional<String> by = Optional.empty();
    String command = "";
    JsonObject arguments = new JsonObject(Map.of());
    for (String key : QemuKeyOrder.of(members.keySet(), StandardCharsets.UTF_8)) {
      JsonValue member = members.get(key);
      if (key.equals(EXECUTE) || (key.equals(EXEC_OOB) && oob)) {
        if (!(member instanceof JsonString(String name))) {
          throw new UsageException("QMP input member '" + key + "' must be a string");
        }
        if (by.isPresent()) {
          throw new UsageException(
              "QMP input member '" + key + "' clashes with '" + by.get() + "'");
        }
        by = Optional.of(key);
        command = name;
      } else if (key.equals("arguments")) {
        if (!(member instanceof JsonObject object)) {
          throw new UsageException("QMP input member 'arguments' must be an object");
        }
        arguments = object;
      } else if (!key.equals("id")) {
        throw new UsageException("QMP input member '" + key + "' is unexpected");
      }
    }
    if (by.isEmpty()) {
      throw new UsageException("QMP input lacks member 'execute'");
    }
    return new Request(command, arguments, by.get().equals(EXEC_OOB));
  }

  /** Whether it is to be looked at before those that came earlier. */
  static boolean isOutOfBand(JsonValue value) {
    return value instanceof JsonObject(Map<String, JsonValue> members)
        && members.containsKey(EXEC_OOB)
        && !members.containsKey(EXECUTE);
  }

  /** What the reply has to repeat. */
  static Optional<JsonValue> id(JsonValue value) {
    return value instanceof JsonObject(Map<String, JsonValue> members)
        ? Optional.ofNullable(members.get("id"))
        : Optional.empty();
  }
}
