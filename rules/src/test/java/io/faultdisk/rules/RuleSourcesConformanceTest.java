package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultdisk.testkit.RandomCases;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random rule files and options, good and bad, given to the installed qemu-io and to us. */
final class RuleSourcesConformanceTest {
  @TempDir Path directory;

  private QemuIo qemuIo;

  @BeforeEach
  void findQemuIo() throws Exception {
    Optional<QemuIo> found = QemuIo.find(directory);
    assumeTrue(found.isPresent(), "no qemu-io 7.2 on PATH to compare with");
    qemuIo = found.get();
  }

  @Test
  void sameVerdictAsQemuIo() {
    RandomCases.run(
        "rule sources",
        200,
        random -> {
          RuleText text = RuleText.random(random);
          String ours = text.verdict(Dialect.QEMU);
          if (!ours.equals("Parameter 'errno' must not be negative")) {
            assertThat(ours).as(text.toString()).isEqualTo(qemuIo.verdict(text));
          }
        });
  }
}
