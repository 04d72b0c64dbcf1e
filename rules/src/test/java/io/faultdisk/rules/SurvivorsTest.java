package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What survives a power cut, as text. */
final class SurvivorsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"none", "all", "random", "1", "3,1", "1-3,5,4[0-1]", "2[7],2[0]", "1-2[3]"})
  void textComesBack(String text) throws UsageException {
    assertThat(Survivors.parse(text)).hasToString(text);
    assertThat(Survivors.parse(text)).isEqualTo(Survivors.parse(text));
  }

  @Test
  void aListNamesWritesAndSectors() throws UsageException {
    assertThat(Survivors.parse("2, 4[0-1]"))
        .isEqualTo(Survivors.of(List.of(Survivors.Part.write(2), Survivors.Part.torn(4, 0, 1))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "some",
        "0",
        "1,",
        "2-1",
        "1[",
        "1[2-1]",
        "1[]",
        "-1",
        "1--2",
        "1234567890",
        "All",
        "1[-1]"
      })
  void whatSaysNothingIsRefused(String text) {
    assertThatThrownBy(() -> Survivors.parse(text))
        .isInstanceOf(UsageException.class)
        .hasMessage("'" + text + "' does not say what survives");
  }
}
