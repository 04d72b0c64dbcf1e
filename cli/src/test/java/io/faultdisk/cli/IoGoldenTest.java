package io.faultdisk.cli;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ours, inside this JVM, against what the real qemu-io said when the golden files were recorded.
 */
final class IoGoldenTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> commandLine() {
    return cases("command-line.golden");
  }

  @TestFactory
  Stream<DynamicTest> commands() {
    return cases("commands.golden");
  }

  @TestFactory
  Stream<DynamicTest> asynchronousRequests() {
    return cases("aio.golden");
  }

  @TestFactory
  Stream<DynamicTest> rules() {
    return cases("rules.golden");
  }

  @TestFactory
  Stream<DynamicTest> breakpoints() {
    return cases("breakpoints.golden");
  }

  @TestFactory
  Stream<DynamicTest> eventsOfTheRawFormatAndTheGenericLayer() {
    return cases("events.golden");
  }

  private Stream<DynamicTest> cases(String file) {
    return GoldenFile.resource(file).entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.io().name(), () -> check(entry)));
  }

  private void check(GoldenFile.Entry entry) {
    IoRun ours = IoRun.ours(entry.io(), temp.resolve("case"));
    SoftAssertions.assertSoftly(
        softly -> {
          softly.assertThat(ours.stdout()).as("standard output").isEqualTo(entry.out());
          softly.assertThat(ours.stderr()).as("standard error").isEqualTo(entry.err());
          softly.assertThat(ours.exitCode()).as("exit code").isEqualTo(entry.exit());
          softly
              .assertThat(entry.checksumsOf(ours))
              .as("files afterwards")
              .isEqualTo(entry.checksums());
        });
  }
}
