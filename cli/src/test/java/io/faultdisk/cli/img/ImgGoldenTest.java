package io.faultdisk.cli.img;

import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Transcript;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Ours, inside this JVM, against what the real tools did when the transcripts were recorded. */
final class ImgGoldenTest {
  /** The transcripts of the commands, one file each. */
  static final List<String> FILES =
      List.of(
          "command-line.golden",
          "amend.golden",
          "bench.golden",
          "bitmap.golden",
          "check.golden",
          "commit.golden",
          "compare.golden",
          "convert.golden",
          "create.golden",
          "dd.golden",
          "info.golden",
          "map.golden",
          "measure.golden",
          "rebase.golden",
          "resize.golden",
          "snapshot.golden");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheTranscripts() {
    return FILES.stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file,
                    Transcript.resource(ImgGoldenTest.class, file).cases().stream()
                        .map(one -> DynamicTest.dynamicTest(one.name(), () -> check(one)))));
  }

  private void check(Transcript.Case one) {
    Workbench bench = new Workbench(temp.resolve("case"));
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
}
