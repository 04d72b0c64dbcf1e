package io.faultdisk.block.options;

/** {@code true} or {@code false}. */
public record JsonBool(boolean value) implements JsonValue {}
