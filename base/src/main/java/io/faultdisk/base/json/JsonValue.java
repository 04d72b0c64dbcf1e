package io.faultdisk.base.json;

/** One JSON value. Immutable; safe from any thread. */
public sealed interface JsonValue
    permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBool, JsonNull {

  /** An object or array without members; flattening leaves it in place. */
  default boolean isEmptyContainer() {
    return false;
  }
}
