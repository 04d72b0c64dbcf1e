package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request that was let in. The array is not copied and not to be changed.
 *
 * @param place the values of what is in braces in the route's path
 * @param query the parameters behind the question mark
 * @param contentType without parameters, in lower case; empty if there is none
 * @param body all of it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Call(Map<String, String> place, Map<String, String> query, String contentType, byte[] body) {

  /** The value of what is in braces in the route's path. */
  String place(String name) {
    String value = place.get(name);
    if (value == null) {
      throw new IllegalStateException("the path has no " + name);
    }
    return value;
  }

  /** The same for a number; empty if it is none. */
  Optional<Integer> number(String name) {
    try {
      return Optional.of(Integer.parseInt(place(name)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * A parameter that is a whole number.
   *
   * @throws UsageException if it is not, or out of range
   */
  long query(String name, long otherwise, long min, long max) throws UsageException {
    String text = query.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException(
        "parameter '" + name + "' must be a whole number from " + min + " to " + max);
  }

  /** Whether the body is text and not JSON. */
  boolean isText() {
    return contentType.equals("text/plain");
  }

  /** The body as a JSON object. */
  JsonBody json() throws UsageException {
    return JsonBody.parse(body);
  }

  /**
   * The body as text.
   *
   * @throws UsageException if it is not UTF-8
   */
  String text() throws UsageException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new UsageException("the body is not UTF-8");
    }
  }

  /**
   * The parameters of a query.
   *
   * @param raw what is behind the question mark, as it came
   * @throws UsageException if an escape makes no sense
   */
  static Map<String, String> parameters(String raw) throws UsageException {
    Map<String, String> parameters = new HashMap<>();
    for (String part : raw.split("&")) {
      int equals = part.indexOf('=');
      if (!part.isEmpty()) {
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = equals < 0 ? "" : part.substring(equals + 1);
        parameters.putIfAbsent(Percent.decode(name, true), Percent.decode(value, true));
      }
    }
    return parameters;
  }
}
