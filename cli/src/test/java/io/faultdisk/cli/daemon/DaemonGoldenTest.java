package io.faultdisk.cli.daemon;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes in a command line, in the words of qemu-storage-daemon. */
final class DaemonGoldenTest {
  static final List<String> FILES = List.of("command-line.golden");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheTranscripts() {
    return TranscriptTests.golden(DaemonGoldenTest.class, FILES, temp);
  }
}
