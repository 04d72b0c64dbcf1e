package io.faultdisk.console;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request gets. The array is not copied and not to be changed.
 *
 * @param status of HTTP
 * @param headers those that not every answer has, {@code Content-Type} among them
 * @param body all of it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(int status, Map<String, String> headers, byte[] body) {
  static final String JSON = "application/json";
  static final String TEXT = "text/plain; charset=utf-8";

  /** A JSON value. */
  static Answer json(int status, JsonText value) {
    return of(status, JSON, value.bytes());
  }

  /** A JSON value, as what was asked for. */
  static Answer json(JsonText value) {
    return json(200, value);
  }

  /** Plain text. */
  static Answer text(String text) {
    return of(200, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Any kind of content. */
  static Answer of(int status, String type, byte[] body) {
    return new Answer(status, Map.of("Content-Type", type), body);
  }

  /** There is nothing to say. */
  static Answer nothing() {
    return new Answer(204, Map.of(), new byte[0]);
  }

  /** The same with one more header, or another value of it. */
  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, body);
  }
}
