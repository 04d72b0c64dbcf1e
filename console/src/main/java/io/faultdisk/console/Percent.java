package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent escapes of URLs. */
final class Percent {
  private Percent() {}

  /**
   * The text that an escaped one stands for.
   *
   * @param form whether a plus sign is a blank
   * @throws UsageException if it is not complete or not UTF-8
   */
  static String decode(String escaped, boolean form) throws UsageException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        boolean complete = i + 2 < escaped.length();
        int high = complete ? Character.digit(escaped.charAt(i + 1), 16) : -1;
        int low = complete ? Character.digit(escaped.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw new UsageException("'" + escaped + "' is not a well-formed part of a URL");
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c == '+' && form) {
        bytes.write(' ');
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new UsageException("'" + escaped + "' is not a well-formed part of a URL");
    }
  }
}
