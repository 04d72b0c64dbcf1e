package io.faultdisk.explore;

import java.util.Locale;

/**
 * Texts from outside as they may be shown: what would steer a terminal, break a document or turn
 * the direction of writing is spelled out.
 */
final class PlainText {
  private static final int REPLACEMENT = 0xFFFD;

  private PlainText() {}

  /** The same text with line breaks and tabs, but without any other control character. */
  static String visible(String text) {
    StringBuilder shown = new StringBuilder(text.length() + 8);
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n' || c == '\t') {
                shown.append((char) c);
              } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
                shown.append(String.format("\\x%02x", c));
              } else if (turnsDirection(c)) {
                shown.append(String.format("\\u%04x", c));
              } else {
                shown.appendCodePoint(isCharacter(c) ? c : REPLACEMENT);
              }
            });
    return shown.toString();
  }

  /** The same in one line. */
  static String oneLine(String text) {
    return visible(text.strip().replace("\n", " / ").replace('\t', ' '));
  }

  /** Its first line. */
  static String firstLine(String text) {
    return visible(text.lines().findFirst().orElse("").replace('\t', ' ').strip());
  }

  /** {@code 1 case}, {@code 1,234 cases}. */
  static String count(long number, String one, String many) {
    return number(number) + " " + (number == 1 ? one : many);
  }

  /** {@code 1,234}. */
  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Bytes in the largest unit that needs no fraction: {@code 64 KiB}. */
  static String bytes(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    long left = bytes;
    while (left != 0 && left % 1024 == 0 && unit < units.length - 1) {
      left /= 1024;
      unit++;
    }
    return left + " " + units[unit];
  }

  /** An offset, short: {@code 64K}, {@code 1G+192K}. */
  static String offset(long offset) {
    String units = "BKMGTPE";
    int unit = 0;
    long size = 1;
    while (unit < units.length() - 1 && offset / size >= 1024) {
      size *= 1024;
      unit++;
    }
    long rest = offset % size;
    String large =
        unit == 0 ? String.valueOf(offset) : offset / size + units.substring(unit, unit + 1);
    return rest == 0 ? large : large + "+" + bytes(rest).replaceAll("( |iB)|(?<= )B$", "");
  }

  private static boolean turnsDirection(int c) {
    return (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x200E
        || c == 0x200F
        || c == 0x061C
        || c == 0x2028
        || c == 0x2029;
  }

  private static boolean isCharacter(int c) {
    return (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        && (c < 0xFDD0 || c > 0xFDEF)
        && (c & 0xFFFE) != 0xFFFE;
  }
}
