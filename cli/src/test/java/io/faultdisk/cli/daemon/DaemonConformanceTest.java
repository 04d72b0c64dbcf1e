package io.faultdisk.cli.daemon;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The same mistakes, made with the installed qemu-storage-daemon too. */
final class DaemonConformanceTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheInstalledTool() {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/qemu-storage-daemon")),
        "qemu-storage-daemon is not installed (Debian: apt install qemu-system-common)");
    return TranscriptTests.conformance(DaemonGoldenTest.class, DaemonGoldenTest.FILES, temp);
  }
}
