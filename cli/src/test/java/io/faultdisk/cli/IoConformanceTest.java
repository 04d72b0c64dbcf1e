package io.faultdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The cases of the golden files once more, given to ours and to the installed qemu-io: standard
 * output and error, exit code and the bytes of the image agree. Skipped with a reason where qemu-io
 * is not installed.
 */
final class IoConformanceTest {
  private static final List<String> FILES =
      List.of(
          "command-line.golden",
          "commands.golden",
          "aio.golden",
          "rules.golden",
          "breakpoints.golden",
          "events.golden");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> agreesWithTheInstalledTool() {
    Optional<Path> tool = IoRun.realTool();
    Assumptions.assumeTrue(
        tool.isPresent(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    String version = IoRun.version(tool.get());
    Assumptions.assumeTrue(
        version.contains(" 7.2."), "the installed qemu-io is not release 7.2: " + version);
    return FILES.stream()
        .flatMap(
            file ->
                GoldenFile.resource(file).entries().stream()
                    .map(
                        entry ->
                            DynamicTest.dynamicTest(
                                file + ": " + entry.io().name(),
                                () -> compare(tool.get(), entry))));
  }

  private void compare(Path tool, GoldenFile.Entry entry) {
    IoCase io = entry.io();
    IoRun real = IoRun.real(tool, io, temp.resolve("case"));
    assertThat(real.exitCode()).as("the real tool must not hang").isNotEqualTo(IoRun.HUNG);
    IoRun ours = IoRun.ours(io, temp.resolve("case"));
    SoftAssertions.assertSoftly(
        softly -> {
          softly.assertThat(ours.stdout()).as("standard output").isEqualTo(real.stdout());
          softly.assertThat(ours.stderr()).as("standard error").isEqualTo(real.stderr());
          softly.assertThat(ours.exitCode()).as("exit code").isEqualTo(real.exitCode());
          softly
              .assertThat(ours.filesThatDiffer(real))
              .as("files that differ")
              .isSubsetOf(entry.undefined());
        });
  }
}
