package io.faultdisk.rules;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Text as bytes, one per char (ISO 8859-1), because QEMU counts, compares and hashes bytes; and the
 * way to what people read.
 */
final class ByteText {
  private ByteText() {}

  /** Bytes as people read them: UTF-8 if they are valid UTF-8, else ISO 8859-1. */
  static String decode(String bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      if (bytes.charAt(i) >= 0x80) {
        return decodeNonAscii(bytes);
      }
    }
    return bytes;
  }

  private static String decodeNonAscii(String bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      // Another encoding, or a character cut in two at a limit.
      return bytes;
    }
  }

  /** The UTF-8 bytes of a text. */
  static String encode(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
