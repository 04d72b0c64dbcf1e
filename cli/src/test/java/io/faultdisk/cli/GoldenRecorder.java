package io.faultdisk.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the cases of golden files with the real qemu-io and writes down what it said.
 *
 * <p>After adding a case: {@code java ... io.faultdisk.cli.GoldenRecorder
 * src/test/resources/io/faultdisk/cli/NAME.golden}.
 */
final class GoldenRecorder {
  private GoldenRecorder() {}

  public static void main(String[] args) throws IOException {
    Path tool = IoRun.realTool().orElseThrow();
    Path work = Files.createDirectories(Path.of("target", "golden"));
    for (String name : args) {
      Path file = Path.of(name);
      GoldenFile golden = GoldenFile.read(file);
      List<GoldenFile.Entry> entries = new ArrayList<>();
      for (GoldenFile.Entry entry : golden.entries()) {
        IoRun run = IoRun.real(tool, entry.io(), work.resolve("case").toAbsolutePath());
        if (run.exitCode() == IoRun.HUNG) {
          System.err.println("hung: " + entry.io().name());
        }
        entries.add(entry.with(run));
      }
      Files.writeString(file, new GoldenFile(golden.header(), entries).text());
    }
  }
}
