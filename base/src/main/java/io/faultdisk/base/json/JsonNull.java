package io.faultdisk.base.json;

/** {@code null}. */
public record JsonNull() implements JsonValue {}
