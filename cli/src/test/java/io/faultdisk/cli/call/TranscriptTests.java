package io.faultdisk.cli.call;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;

/** Makes tests of the cases in transcripts, one container for each file. */
public final class TranscriptTests {
  private TranscriptTests() {}

  /** Ours, inside this JVM, against what the real tools did when the transcripts were recorded. */
  public static Stream<DynamicContainer> golden(Class<?> owner, List<String> files, Path temp) {
    return tests(owner, files, temp, TranscriptTests::check);
  }

  /**
   * The cases once more, given to ours and to the installed tools: output, exit codes and the bytes
   * of all files agree. Skipped with a reason where these are not installed.
   */
  public static Stream<DynamicContainer> conformance(
      Class<?> owner, List<String> files, Path temp) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    String version = Tools.realVersion();
    Assumptions.assumeTrue(
        version.contains(" 7.2."), "the installed qemu-img is not release 7.2: " + version);
    return tests(owner, files, temp, TranscriptTests::compare);
  }

  private static Stream<DynamicContainer> tests(
      Class<?> owner, List<String> files, Path temp, BiConsumer<Transcript.Case, Workbench> test) {
    return files.stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file,
                    Transcript.resource(owner, file).cases().stream()
                        .map(
                            one ->
                                DynamicTest.dynamicTest(
                                    one.name(),
                                    () -> test.accept(one, new Workbench(temp.resolve("case")))))));
  }

  private static void check(Transcript.Case one, Workbench bench) {
    bench.setTo(one.files());
    List<ToolOutput> ours = bench.ours(one.calls(), "");
    SoftAssertions.assertSoftly(
        softly -> {
          for (int i = 0; i < ours.size(); i++) {
            softly
                .assertThat(ours.get(i))
                .as(one.calls().get(i).toString())
                .isEqualTo(one.outputs().get(i));
          }
          softly
              .assertThat(one.checksumsOf(bench.files()))
              .as("files afterwards")
              .isEqualTo(one.checksums());
        });
  }

  private static void compare(Transcript.Case one, Workbench bench) {
    bench.setTo(one.files());
    List<ToolOutput> real = bench.real(one.calls(), "");
    Map<String, byte[]> realFiles = bench.files();
    bench.setTo(one.files());
    List<ToolOutput> ours = bench.ours(one.calls(), "");
    SoftAssertions.assertSoftly(
        softly -> {
          for (int i = 0; i < ours.size(); i++) {
            softly.assertThat(real.get(i).exitCode()).isNotEqualTo(ToolOutput.HUNG);
            softly.assertThat(ours.get(i)).as(one.calls().get(i).toString()).isEqualTo(real.get(i));
          }
          softly
              .assertThat(Workbench.differing(realFiles, bench.files()))
              .as("files that differ")
              .isSubsetOf(one.undefined());
        });
  }
}
