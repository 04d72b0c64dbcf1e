package io.faultdisk.cli.nbd;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake in a command line, in the words of qemu-nbd. */
final class NbdGoldenTest {
  static final List<String> FILES = List.of("command-line.golden");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheTranscripts() {
    return TranscriptTests.golden(NbdGoldenTest.class, FILES, temp);
  }
}
