package io.faultdisk.base.json;

/**
 * A JSON string, its escapes resolved.
 *
 * @param value without quotes; no lone surrogates when it was read by {@link Json}
 */
public record JsonString(String value) implements JsonValue {}
