package io.faultdisk.cli.img;

import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Transcript;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The cases of the transcripts once more, given to ours and to the installed tools: output, exit
 * codes and the bytes of all files agree. Skipped with a reason where these are not installed.
 */
final class ImgConformanceTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicContainer> agreesWithTheInstalledTools() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    String version = Tools.realVersion();
    Assumptions.assumeTrue(
        version.contains(" 7.2."), "the installed qemu-img is not release 7.2: " + version);
    return ImgGoldenTest.FILES.stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file,
                    Transcript.resource(ImgGoldenTest.class, file).cases().stream()
                        .map(one -> DynamicTest.dynamicTest(one.name(), () -> compare(one)))));
  }

  private void compare(Transcript.Case one) {
    Workbench bench = new Workbench(temp.resolve("case"));
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
