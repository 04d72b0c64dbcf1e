package io.faultdisk.cli.img;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
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
    return TranscriptTests.golden(ImgGoldenTest.class, FILES, temp);
  }
}
