package io.faultdisk.cli.demo.h2;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.explore.ReproducerScripts;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.nio.explore.Exploration;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo h2}: a database for Java as it is, and a store with a mistake. */
@Command(
    name = "h2",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fails every operation on files of an unmodified H2 database in turn: no line of code, one"
          + " -D flag. Then explores a store of twenty lines with a mistake.",
      "",
      "Needs the jar of H2, from --jar or Maven's local repository. No root, no network."
    })
public final class H2Demo implements Callable<Integer> {
  private static final int MISSING = 2;
  private static final String PROVIDER =
      "-Djava.nio.file.spi.DefaultFileSystemProvider=io.faultdisk.nio.FaultFileSystemProvider";

  private final Console console;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The jar of H2; default: the newest in ~/.m2.")
  Optional<Path> jar;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the reports go; default: a new directory in /tmp.")
  Optional<Path> report;

  @Option(
      names = "--part",
      paramLabel = "NAME",
      description = "Only this part: ${COMPLETION-CANDIDATES}.")
  Optional<Part> part;

  @Option(
      names = "--only",
      paramLabel = "CASE",
      description = "Only this case of the part, as a report names it.")
  Optional<String> only;

  /** What there is to see. */
  enum Part {
    H2,
    STORE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The command. */
  public H2Demo(Console console) {
    this.console = console;
  }

  /** How to repeat a case. */
  static String commandLine(Part part, String flags) {
    return flags
        .replaceFirst("^-Dfaultdisk\\.only=", "faultdisk demo h2 --part " + part + " --only ")
        .replaceFirst(" -Dfaultdisk\\.seed=\\S+$", "");
  }

  @Override
  public Integer call() {
    try {
      Path reports = report.isPresent() ? report.get() : Files.createTempDirectory("faultdisk-h2");
      int code = part.equals(Optional.of(Part.STORE)) ? 0 : database(reports.resolve("h2"));
      if (code == 0 && !part.equals(Optional.of(Part.H2))) {
        store(reports.resolve("store"));
      }
      return code;
    } catch (IOException e) {
      console.report("cannot write the reports: " + e.getMessage());
      return 1;
    } catch (UsageException e) {
      console.report(e.getMessage(), e.hints());
      return 1;
    } catch (InterruptedException e) {
      return 1;
    } finally {
      console.flush();
    }
  }

  private static Path repository() {
    String given = System.getProperty("maven.repo.local", "");
    return given.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
        : Path.of(given);
  }

  /** The newest jar in a repository of Maven's. */
  static Optional<Path> newest(Path repository) throws IOException {
    Path versions = repository.resolve(Path.of("com", "h2database", "h2"));
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.list(versions)) {
      return found
          .map(version -> version.resolve("h2-" + version.getFileName() + ".jar"))
          .filter(Files::isRegularFile)
          .max(Comparator.comparing(Path::toString));
    }
  }

  private int database(Path reports) throws IOException, InterruptedException {
    Optional<Path> found = jar.isPresent() ? jar : newest(repository());
    if (found.isEmpty() || !Files.isRegularFile(found.get())) {
      console.report(
          found.isEmpty()
              ? "the jar of H2 is not in " + repository()
              : "no such file: " + found.get(),
          List.of(
              "Fetch it with 'mvn dependency:get -Dartifact=com.h2database:h2:2.4.240', or name one"
                  + " with --jar FILE.",
              "The other part needs none: --part store."));
      return MISSING;
    }
    Path h2 = found.get();
    console.line("java " + PROVIDER + " -cp " + h2.getFileName() + ":...");
    console.line("");
    console.flush();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.add(PROVIDER);
    only.ifPresent(id -> command.add("-D" + Exploration.ONLY_PROPERTY + "=" + id));
    command.add("-cp");
    command.add(h2 + File.pathSeparator + System.getProperty("java.class.path"));
    command.add(H2Program.class.getName());
    command.add(reports.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        console.line(line);
      }
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }

  private void store(Path reports) throws IOException, InterruptedException, UsageException {
    Clock clock = Clock.system();
    long begin = clock.nanoTime();
    Results results =
        new Explorer(
                SmallStoreSubject.of(only),
                ExplorationPlan.standard(new Seed(1)),
                Explorer.Settings.standard())
            .run(ResultSink.none());
    long millis = (clock.nanoTime() - begin) / 1_000_000;
    ReproducerScripts.writer().write(Files.createDirectories(reports), results);
    List<CaseResult> failures = results.failures();
    console.line(
        String.format(
            Locale.ROOT,
            "%s: %d cases in %.1f s, failures: %d",
            results.heading().subject(),
            results.cases().size(),
            millis / 1000.0,
            failures.size()));
    if (!failures.isEmpty()) {
      CaseResult first = failures.get(0);
      console.line("  " + first.id() + ": " + first.outcome().reason());
      first.outcome().receipts().forEach(line -> console.line("    " + line));
      first
          .outcome()
          .reproducer()
          .ifPresent(
              again -> {
                console.line("  the rule:");
                again.files().values().stream()
                    .flatMap(String::lines)
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> console.line("    " + line));
                console.line("  reproduce: " + again.command());
              });
    }
    console.line("report:    " + reports.resolve(ReportWriter.HTML));
  }
}
