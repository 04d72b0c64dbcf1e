package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes reports of results.
 *
 * <pre>
 *   results.json    all results
 *   junit.xml       the same for continuous integration
 *   report.html     the same for people, in one file that needs no other
 *   repro/0007/     how to see case 7 fail again: command.sh, qemu.sh if QEMU can, and their files
 * </pre>
 *
 * <p>The same results give the same bytes: there are no times in them, nor where or in how many
 * parts the cases were run.
 */
public final class ReportWriter {
  /** The report for people. */
  public static final String HTML = "report.html";

  /** The report for continuous integration. */
  public static final String JUNIT = "junit.xml";

  /** The report for programs. */
  public static final String JSON = "results.json";

  private static final String REPRODUCERS = "repro";

  /** As many failures as anybody reads. */
  private static final int FAILURES_MOST = 200;

  private final int failuresMost;
  private final String preamble;

  /** A writer with the usual bound: 200 failures. */
  public ReportWriter() {
    this(FAILURES_MOST);
  }

  /**
   * A writer.
   *
   * @param failuresMost how many failures get a reproducer's directory and are shown in full; the
   *     others are counted and listed
   */
  public ReportWriter(int failuresMost) {
    this(failuresMost, "");
  }

  /**
   * The same.
   *
   * @param preamble shell commands that stand at the beginning of each reproducer's script; not
   *     part of the results
   */
  private ReportWriter(int failuresMost, String preamble) {
    if (failuresMost < 0) {
      throw new IllegalArgumentException("a negative number of failures");
    }
    this.failuresMost = failuresMost;
    this.preamble = preamble;
  }

  /**
   * The same, whose scripts begin with these shell commands; what else is written does not have
   * them.
   */
  public ReportWriter withPreamble(String commands) {
    return new ReportWriter(failuresMost, commands);
  }

  /** Where the reproducer of a case is, in the directory of the reports. */
  static String reproducerOf(int index) {
    return REPRODUCERS + "/" + String.format(Locale.ROOT, "%04d", index);
  }

  /**
   * Writes all reports, over those of an earlier time.
   *
   * @param directory which must exist
   * @throws UsageException if that cannot be written
   */
  public void write(Path directory, Results results) throws UsageException {
    List<FailureGroup> groups = FailureGroup.of(results);
    Set<Integer> chosen = FailureGroup.chosen(groups, failuresMost);
    try {
      Files.writeString(directory.resolve(JSON), json(results));
      Files.writeString(directory.resolve(JUNIT), JUnitXml.of(results));
      reproducers(directory, results, chosen);
      Files.writeString(directory.resolve(HTML), HtmlReport.of(results, groups, chosen));
    } catch (IOException e) {
      throw new UsageException(
          "cannot write reports to " + directory + ": " + ResultDirectory.why(e));
    }
  }

  /** The report for people alone, whose reproducers are nowhere. It needs no other file. */
  public String html(Results results) {
    List<FailureGroup> groups = FailureGroup.of(results);
    return HtmlReport.of(results, groups, FailureGroup.chosen(groups, failuresMost));
  }

  /** One object; each case on a line of its own. */
  static String json(Results results) {
    Map<String, JsonValue> counts = new LinkedHashMap<>();
    results.counts().forEach((verdict, count) -> counts.put(verdict.word(), JsonNumber.of(count)));
    StringBuilder text =
        new StringBuilder("{\"exploration\": ")
            .append(Json.write(ResultJson.heading(results.heading())))
            .append(",\n\"complete\": ")
            .append(results.isComplete())
            .append(",\n\"counts\": ")
            .append(Json.write(new JsonObject(counts)))
            .append(",\n\"cases\": [");
    String separator = "\n";
    for (CaseResult result : results.cases()) {
      text.append(separator).append(ResultJson.line(result));
      separator = ",\n";
    }
    return text.append("\n]}\n").toString();
  }

  private void reproducers(Path directory, Results results, Set<Integer> chosen)
      throws IOException {
    Path all = directory.resolve(REPRODUCERS);
    if (Files.isDirectory(all)) {
      removeOld(all);
    }
    for (CaseResult failure : results.failures()) {
      if (chosen.contains(failure.index()) && failure.outcome().reproducer().isPresent()) {
        Path its = Files.createDirectories(directory.resolve(reproducerOf(failure.index())));
        write(its, failure, failure.outcome().reproducer().get());
      }
    }
  }

  /** Removes what an earlier report has put there, and nothing else. */
  private static void removeOld(Path all) throws IOException {
    for (Path old : inside(all)) {
      if (old.getFileName().toString().matches("\\d{4,}")
          && Files.isDirectory(old, LinkOption.NOFOLLOW_LINKS)) {
        for (Path file : inside(old)) {
          if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(file);
          }
        }
        removeIfEmpty(old);
      }
    }
    removeIfEmpty(all);
  }

  private static List<Path> inside(Path directory) throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      return found.toList();
    }
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    if (inside(directory).isEmpty()) {
      Files.delete(directory);
    }
  }

  private void write(Path directory, CaseResult failure, Reproducer again) throws IOException {
    for (Map.Entry<String, String> file : again.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
    script(directory.resolve(Reproducer.COMMAND_FILE), failure, again.command());
    if (again.qemuCommand().isPresent()) {
      script(directory.resolve(Reproducer.QEMU_FILE), failure, again.qemuCommand().get());
    }
  }

  private void script(Path file, CaseResult failure, String command) throws IOException {
    Files.writeString(
        file,
        "#!/bin/sh\n# Case "
            + failure.index()
            + ": "
            + PlainText.oneLine(failure.id())
            + "\n# "
            + failure.verdict().word()
            + ": "
            + PlainText.firstLine(failure.outcome().reason())
            + "\nset -e\ncd \"$(dirname \"$0\")\"\n"
            + preamble
            + command
            + "\n");
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
