package io.faultdisk.cli.nbd;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The same mistakes, made with the installed qemu-nbd too. */
final class NbdConformanceTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheInstalledTool() {
    return TranscriptTests.conformance(NbdGoldenTest.class, NbdGoldenTest.FILES, temp);
  }
}
