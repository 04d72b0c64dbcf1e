package io.faultdisk.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShellWordTest {
  @Test
  void isQuotedIfItNeedsToBe() {
    assertThat(ShellWord.of("out/report-1.html")).isEqualTo("out/report-1.html");
    assertThat(ShellWord.of("my disk")).isEqualTo("'my disk'");
    assertThat(ShellWord.of("$HOME")).isEqualTo("'$HOME'");
    assertThat(ShellWord.of("")).isEqualTo("''");
    assertThat(ShellWord.of("it's")).isEqualTo("'it'\\''s'");
  }

  @Test
  void isQuotedInAnyCaseIfAsked() {
    assertThat(ShellWord.quoted("flush")).isEqualTo("'flush'");
    assertThat(ShellWord.quoted("'")).isEqualTo("''\\'''");
  }
}
