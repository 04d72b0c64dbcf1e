package io.faultdisk.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CIntegerTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "12, 12",
    "+12, 12",
    "-12, -12",
    "010, 8",
    "0x1F, 31",
    "0Xff, 255",
    "-0x10, -16",
    "'\t 7', 7",
    "00, 0",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807",
    "99999999999999999999999, 9223372036854775807",
    "'', 0"
  })
  void reads(String text, long value) {
    assertThat(CInteger.parse(text)).hasValue(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0x", "09", "1x", "1 ", "-", "+", " ", "- 1", "0xg", "1.0", "١"})
  void refuses(String text) {
    assertThat(CInteger.parse(text)).isEmpty();
  }
}
