package io.faultdisk.cli.demo;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.explore.ProgressDisplay;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Installed;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.explore.disk.Preparation;
import io.faultdisk.explore.disk.command.CommandCheck;
import io.faultdisk.explore.disk.command.CommandWorkload;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Explores the power cuts of {@link Scenario}s for a demo. */
final class DemoRun {
  static final int MISSING = 2;
  private static final int BROKEN = 1;

  /** A recorded run and a check take less than this by far. */
  private static final long TIME_LIMIT_MILLIS = 60_000;

  private static final String CHECK_SAID = "the check: exit status 1: ";

  private final Console console;
  private final Signals signals;
  private final Clock clock = Clock.system();
  private volatile Runnable stop = () -> {};
  private volatile boolean stopped;

  DemoRun(Console console, Signals signals) {
    this.console = console;
    this.signals = signals;
  }

  /**
   * What was found in one scenario.
   *
   * @param words how often the check has said what first
   * @param millis how long it took
   */
  record Found(Scenario scenario, Results results, Map<String, Integer> words, long millis) {
    int count(String word) {
      return words.getOrDefault(word, 0);
    }

    /** How many crash states there were, and how many had to be looked at. */
    int listed() {
      return results.heading().states() + results.heading().statesSaved();
    }

    int checked() {
      return results.cases().size();
    }

    String seconds() {
      return String.format(Locale.ROOT, "%.1f", millis / 1000.0);
    }
  }

  /** A demo: uses the run and returns its exit code. */
  interface Demo {
    int run() throws UsageException, InterruptedException;
  }

  Console console() {
    return console;
  }

  /** Runs a demo; what it needs and is not there is said in one line. */
  int demo(List<String> programs, KernelFileSystem[] fileSystems, Demo demo) {
    List<String> missing =
        programs.stream().filter(each -> Installed.find(each).isEmpty()).toList();
    if (!missing.isEmpty()) {
      console.report("this demo needs " + String.join(", ", missing) + ": install it");
      return MISSING;
    }
    try {
      for (KernelFileSystem fileSystem : fileSystems) {
        fileSystem.require();
      }
    } catch (UsageException lacking) {
      console.report("this demo cannot run: " + lacking.getMessage());
      return MISSING;
    }
    Thread self = Thread.currentThread();
    stop = self::interrupt;
    try (Signals.Termination termination =
        signals.onTermination(
            () -> {
              stopped = true;
              stop.run();
            })) {
      termination.exitCode(BROKEN);
      return demo.run();
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      return BROKEN;
    } catch (InterruptedException told) {
      return BROKEN;
    } finally {
      console.flush();
    }
  }

  /**
   * Records a scenario and checks every state that a power cut can leave.
   *
   * @param report where the reports go, a directory for each scenario
   */
  Found explore(Scenario scenario, Path report) throws UsageException, InterruptedException {
    return explore(
        scenario,
        ExplorationPlan.standard(new Seed(1)).withFamilies(EnumSet.of(Case.Family.CRASHES)),
        report);
  }

  /** Records a scenario and tries what the plan says. */
  Found explore(Scenario scenario, ExplorationPlan plan, Path report)
      throws UsageException, InterruptedException {
    long begin = clock.nanoTime();
    Optional<KernelFileSystem> fileSystem = Optional.of(scenario.fileSystem());
    try (CommandWorkload preparation = workload(scenario, scenario.preparation());
        CommandWorkload workload = workload(scenario, scenario.program());
        CommandCheck check =
            new CommandCheck(
                List.of(scenario.check()),
                scenario.fsck(),
                fileSystem,
                "raw",
                () -> Drivers.all(Dialect.FAULTDISK))) {
      DiskSubject subject =
          new DiskSubject(
              workload,
              Preparation.after(preparation, scenario.fileSystem().format(scenario.bytes()), "raw"),
              "raw",
              () -> Drivers.all(Dialect.FAULTDISK),
              tool -> "# " + scenario.fileSystem().makeLine(),
              Optional.of(check));
      Explorer explorer =
          new Explorer(
              subject,
              plan,
              Explorer.Settings.standard()
                  .withWorkers(2 * Runtime.getRuntime().availableProcessors())
                  .withTimeLimitMillis(TIME_LIMIT_MILLIS));
      ProgressDisplay progress =
          new ProgressDisplay(ResultSink.none(), console, clock, () -> stop = explorer::stop);
      Results results;
      try {
        results = explorer.run(progress);
      } finally {
        progress.end();
      }
      if (stopped) {
        throw new InterruptedException();
      }
      long millis = (clock.nanoTime() - begin) / 1_000_000;
      try {
        new ReportWriter().write(Files.createDirectories(report), results);
      } catch (IOException e) {
        throw new UsageException("Cannot make '" + report + "': " + e.getMessage());
      }
      return new Found(scenario, results, words(results), millis);
    } finally {
      stop = Thread.currentThread()::interrupt;
    }
  }

  static CommandWorkload workload(Scenario scenario, String program) {
    return new CommandWorkload(
        List.of("sh", "-e", "-c", program),
        Optional.of(scenario.fileSystem()),
        () -> Drivers.all(Dialect.FAULTDISK));
  }

  private static Map<String, Integer> words(Results results) {
    Map<String, Integer> words = new TreeMap<>();
    for (CaseResult result : results.cases()) {
      words.merge(word(result), 1, Integer::sum);
    }
    return words;
  }

  /** What the check has said first, or what else is wrong. */
  static String word(CaseResult result) {
    String reason = result.outcome().reason();
    if (reason.startsWith(CHECK_SAID)) {
      reason = reason.substring(CHECK_SAID.length());
    }
    String word = reason.split("[ :\n]", 2)[0];
    return word.isEmpty() ? result.verdict().word() : word;
  }

  /** The reproducer of the first case that was found so, if there is one. */
  static Optional<Path> reproducer(Found found, String word, Path report) {
    for (CaseResult result : found.results().failures()) {
      if (word(result).equals(word) && result.outcome().reproducer().isPresent()) {
        Path script =
            report
                .resolve("repro")
                .resolve(String.format("%04d", result.index()))
                .resolve("command.sh");
        if (Files.exists(script)) {
          return Optional.of(script);
        }
      }
    }
    return Optional.empty();
  }

  /** Where reports go: what was asked for, or a new directory. */
  static Path reports(Optional<Path> asked, String name) throws UsageException {
    try {
      return asked.isPresent()
          ? Files.createDirectories(asked.get())
          : Files.createTempDirectory("demo-" + name + "-");
    } catch (IOException e) {
      throw new UsageException("Cannot make a directory for reports: " + e.getMessage());
    }
  }
}
