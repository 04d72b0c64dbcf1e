package io.faultdisk.block.options;

/** {@code null}. */
public record JsonNull() implements JsonValue {}
