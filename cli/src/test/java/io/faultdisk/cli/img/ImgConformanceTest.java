package io.faultdisk.cli.img;

import io.faultdisk.cli.call.TranscriptTests;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command of {@code img} against the installed qemu-img. */
final class ImgConformanceTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheInstalledTools() {
    return TranscriptTests.conformance(ImgGoldenTest.class, ImgGoldenTest.FILES, temp);
  }
}
