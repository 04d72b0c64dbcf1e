package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Same verdict as the real qemu-io, for everything its source and documentation single out. */
final class RuleSourcesGoldenTest {

  static List<GoldenRuleTexts.Golden> cases() throws IOException {
    return GoldenRuleTexts.read();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void saysWhatQemuIoSaid(GoldenRuleTexts.Golden golden) {
    assertThat(golden.text().verdict(Dialect.QEMU)).isEqualTo(golden.says());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ourOwnDialectAcceptsAllThatQemuDoesAndHintsAtTheRest(GoldenRuleTexts.Golden golden) {
    String verdict = golden.text().verdict(Dialect.FAULTDISK);
    if (golden.says().equals("ok")) {
      assertThat(verdict).isEqualTo("ok");
    } else if (!verdict.equals("ok")) {
      assertThat(verdict.lines().count()).as(verdict).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void theInstalledQemuIoStillSaysSo(@TempDir Path directory) throws Exception {
    Optional<QemuIo> qemuIo = QemuIo.find(directory);
    assumeTrue(qemuIo.isPresent(), "no qemu-io 7.2 on PATH to ask again");
    for (GoldenRuleTexts.Golden golden : cases()) {
      assertThat(qemuIo.get().verdict(golden.text()))
          .as(golden.toString())
          .isEqualTo(golden.says());
    }
  }
}
