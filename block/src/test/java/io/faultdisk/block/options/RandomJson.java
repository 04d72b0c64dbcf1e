package io.faultdisk.block.options;

import java.util.List;
import java.util.random.RandomGenerator;

/** Random JSON text in QEMU's dialect, mostly well-formed. */
final class RandomJson {
  /** Bits of syntax to spoil a text with. No NUL: it cannot be in an argument. */
  static final List<String> SNIPPETS =
      List.of(
          "{", "}", "[", "]", ",", ":", "'", "\"", "\\", "\\u", "\\uD800", "\\'", "0", "1", "-",
          ".", "e", "E", "+", "nul", "null", "x", "%", " ", "\t", "\n", "\1", "\177", "é", "€",
          "😀", "\uFFFE", "=", "no", "01", "1e5", "{}", "[]", "//", "\\/");

  private static final List<String> SCALARS =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "1",
          "512",
          "-1",
          "1.5",
          "1e3",
          "1E+3",
          "1e-7",
          "-0.0",
          "123456789012345678901234567890",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "-9223372036854775808",
          "-9223372036854775809",
          "1e400",
          "0.1",
          "''",
          "'x'",
          "\"it's\"",
          "'\\u00e9'",
          "'\\n'",
          "'on'",
          "'off'",
          "'1k'",
          "'\\ud83d\\ude00'",
          "'\\u0001'");

  private RandomJson() {}

  static String value(RandomGenerator random, int depth) {
    if (depth == 0 || random.nextInt(3) > 0) {
      return SCALARS.get(random.nextInt(SCALARS.size()));
    }
    boolean object = random.nextBoolean();
    StringBuilder text = new StringBuilder(object ? "{" : "[");
    for (int i = random.nextInt(3); i > 0; i--) {
      if (object) {
        text.append("'").append((char) ('a' + random.nextInt(6))).append(i).append("':");
      }
      text.append(value(random, depth - 1)).append(i > 1 ? "," : "");
    }
    return text.append(object ? "}" : "]").toString();
  }
}
