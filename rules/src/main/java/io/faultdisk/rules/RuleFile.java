package io.faultdisk.rules;

import java.nio.charset.StandardCharsets;

/**
 * The content of a rule file.
 *
 * @param name as the user gave it, for messages
 * @param content the bytes; not copied, do not change them
 */
@SuppressWarnings(
    "ArrayRecordComponent") // compared by nobody; a copy of a file's bytes would buy nothing
public record RuleFile(String name, byte[] content) {
  /** A file whose content is text. */
  public static RuleFile of(String name, String text) {
    return new RuleFile(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the first character that is not blank is a brace. */
  boolean isJson() {
    for (byte b : content) {
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return b == '{';
      }
    }
    return false;
  }
}
