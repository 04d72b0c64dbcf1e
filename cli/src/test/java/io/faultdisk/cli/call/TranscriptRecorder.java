package io.faultdisk.cli.call;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the cases of transcripts with the real tools and writes down what they did.
 *
 * <p>After adding a case: {@code java ... io.faultdisk.cli.call.TranscriptRecorder
 * src/test/resources/io/faultdisk/cli/img/NAME.golden}.
 */
final class TranscriptRecorder {
  private TranscriptRecorder() {}

  public static void main(String[] args) throws IOException {
    Path work = Files.createDirectories(Path.of("target", "golden"));
    Workbench bench = new Workbench(work.resolve("case").toAbsolutePath());
    for (String name : args) {
      Path file = Path.of(name);
      Transcript transcript = Transcript.read(file);
      List<Transcript.Case> cases = new ArrayList<>();
      for (Transcript.Case one : transcript.cases()) {
        bench.setTo(one.files());
        List<ToolOutput> outputs = bench.real(one.calls(), "");
        if (outputs.stream().anyMatch(output -> output.exitCode() == ToolOutput.HUNG)) {
          System.err.println("hung: " + one.name());
        }
        cases.add(one.with(outputs, bench.files()));
      }
      Files.writeString(file, new Transcript(transcript.header(), cases).text());
    }
  }
}
