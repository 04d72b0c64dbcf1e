package io.faultdisk.cli.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoRun;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.explore.ResultDirectory;
import io.faultdisk.explore.Results;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our qcow2 driver under every error and every power cut of the workloads in {@code
 * examples/explore}: no power cut loses or corrupts anything, and where an error does, real QEMU
 * ends with the very same bytes in its image.
 */
final class ExploreWorkloadsTest {
  private static final Path WORKLOADS = Path.of("..", "examples", "explore");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  /** What a workload wants of its image, if not the default. */
  private static final Map<String, List<String>> OPTIONS =
      Map.of(
          "many-l2.io", List.of("--size", "2G"),
          "reads.io", List.of("--size", "1G"),
          "refcount-blocks.io", List.of("--size", "8M", "-o", "cluster_size=512"));

  /** Workloads in which QEMU's algorithm breaks the image after an error. */
  private static final List<String> BREAK =
      List.of(
          "compressed.io",
          "first-write.io",
          "grow.io",
          "many-l2.io",
          "reads.io",
          "refcount-blocks.io");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> noPowerCutDoesHarmAndErrorsDoWhatTheyDoInQemu() throws IOException {
    List<Path> workloads;
    try (Stream<Path> files = Files.list(WORKLOADS)) {
      workloads = files.filter(file -> file.toString().endsWith(".io")).sorted().toList();
    }
    assertThat(workloads).hasSizeGreaterThanOrEqualTo(10);
    return workloads.stream()
        .map(
            workload ->
                DynamicTest.dynamicTest(
                    workload.getFileName().toString(), () -> explore(workload)));
  }

  private void explore(Path workload) throws Exception {
    String name = workload.getFileName().toString();
    Path report = temp.resolve(name);
    List<String> words = new ArrayList<>(List.of("explore", "io", "--time-limit", "60"));
    words.addAll(OPTIONS.getOrDefault(name, List.of()));
    words.addAll(List.of("--report", report.toString(), workload.toString()));
    int exit = run(words);
    Results results = ResultDirectory.read(report).results();
    assertThat(results.isComplete()).isTrue();
    assertThat(results.cases().stream().filter(c -> c.family() == Case.Family.CRASHES))
        .hasSizeGreaterThan(10)
        .allSatisfy(crash -> assertThat(crash.verdict().isFailure()).as(crash.id()).isFalse());
    assertThat(exit).isEqualTo(BREAK.contains(name) ? 1 : 0);
    assertThat(results.failures().isEmpty()).isEqualTo(!BREAK.contains(name));
    for (CaseResult failure : results.failures()) {
      assertThat(failure.outcome().reproducer()).as(failure.id()).isPresent();
      replay(failure, failure.outcome().reproducer().orElseThrow(), temp.resolve(name + ".replay"));
    }
  }

  /** Both tools do what the reproducer says, each in a directory of its own. */
  private static void replay(CaseResult failure, Reproducer again, Path directory)
      throws Exception {
    Path ours = directory.resolve(failure.index() + "-ours");
    lay(again, ours);
    for (String line : again.command().split("\n")) {
      run(words(line, ours));
    }
    if (again.qemuCommand().isEmpty()) {
      assertThat(failure.id()).as("an error once can be said in QEMU's words").endsWith("sticky");
      assertThat(Files.size(ours.resolve("disk.img"))).isGreaterThan(0);
      return;
    }
    Assumptions.assumeTrue(
        IoRun.realTool().isPresent(), "qemu-io is not installed: nothing to compare with");
    Path theirs = directory.resolve(failure.index() + "-qemu");
    lay(again, theirs);
    Process qemu =
        new ProcessBuilder("sh", "-c", again.qemuCommand().orElseThrow())
            .directory(theirs.toFile())
            .redirectErrorStream(true)
            .redirectOutput(theirs.resolve("output").toFile())
            .start();
    assertThat(qemu.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.mismatch(ours.resolve("disk.img"), theirs.resolve("disk.img")))
        .as(failure.id() + "\n" + Files.readString(theirs.resolve("output")))
        .isEqualTo(-1);
  }

  private static void lay(Reproducer again, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Map.Entry<String, String> file : again.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
  }

  /** The words of {@code faultdisk ...}, with files in a directory; {@code || true} is left out. */
  private static List<String> words(String line, Path directory) {
    String command = line.replace(" || true", "");
    assertThat(command).startsWith("faultdisk ");
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command.substring("faultdisk ".length()));
    while (matcher.find()) {
      String quoted = matcher.group(1);
      words.add(
          quoted != null
              ? quoted
              : matcher
                  .group(2)
                  .replace("rules.conf", directory.resolve("rules.conf").toString())
                  .replace("disk.img", directory.resolve("disk.img").toString()));
    }
    return words;
  }

  private static int run(List<String> words) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit = Main.run(words, new Stdio(InputStream.nullInputStream(), said, said, false));
    assertThat(exit).as(said.toString(StandardCharsets.UTF_8)).isNotEqualTo(70);
    return exit;
  }
}
