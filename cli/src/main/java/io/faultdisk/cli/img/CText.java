package io.faultdisk.cli.img;

import java.nio.charset.StandardCharsets;

/** Text the way C's printf pads it, where a character is a byte. */
final class CText {
  private CText() {}

  /** Bytes in UTF-8. */
  static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** {@code %#-<width>x}: hexadecimal with a prefix (0 has none), blanks to the right. */
  static String hex(long number, int width) {
    String text = number == 0 ? "0" : "0x" + Long.toHexString(number);
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
