package io.faultdisk.cli.explore;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.Merge;
import io.faultdisk.explore.ResultDirectory;
import io.faultdisk.explore.ResultPart;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Subject;
import io.faultdisk.explore.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs an exploration for a command: shows how far it is, stops when told to, writes reports. */
final class ExplorationRun {
  private static final int BROKEN = 1;
  private static final int STOPPED = 3;

  private final Console console;
  private final Signals signals;
  private final Clock clock = Clock.system();

  ExplorationRun(Console console, Signals signals) {
    this.console = console;
    this.signals = signals;
  }

  /** What to do when told to stop: not the same at all times. Any thread. */
  private static final class Stop implements Runnable {
    private volatile Runnable how;

    Stop(Runnable how) {
      this.how = how;
    }

    void how(Runnable newHow) {
      how = newHow;
    }

    @Override
    public void run() {
      how.run();
    }
  }

  /** Makes what is explored, once the options are found to be right. */
  interface SubjectMaker {
    Subject make() throws UsageException, InterruptedException;

    /** Lets go of what it takes, once nothing is explored any more. */
    default void release() {}
  }

  /**
   * Explores; returns the exit code. Told to stop, it ends the recording at once, the exploration
   * as soon as the cases at work have ended, and keeps what was found.
   */
  int explore(SubjectMaker maker, ExploreOptions options) {
    Stop stop = new Stop(Thread.currentThread()::interrupt);
    try (Signals.Termination termination = signals.onTermination(stop)) {
      termination.exitCode(STOPPED); // also if it breaks while it stops: that is no success
      try {
        int code = explore(maker, options, stop);
        termination.exitCode(code);
        return code;
      } finally {
        maker.release();
        console.flush(); // if it was told to stop, the process ends now
      }
    }
  }

  private int explore(SubjectMaker maker, ExploreOptions options, Stop stop) {
    try {
      Explorer explorer =
          new Explorer(maker.make(), options.plan(), options.settings(System.getenv()));
      if (options.resume && options.report.isEmpty()) {
        throw new UsageException("--resume needs --report", "It names what to go on with.");
      }
      if (options.report.isPresent()) {
        requireName(options.report.get());
      }
      Optional<ResultDirectory> directory = options.report.map(path -> directory(path, options));
      CountDownLatch recorded = new CountDownLatch(1);
      ProgressDisplay progress =
          new ProgressDisplay(
              directory.<ResultSink>map(made -> made).orElseGet(ResultSink::none),
              console,
              clock,
              () -> {
                stop.how(explorer::stop);
                recorded.countDown();
              });
      saysWhatTakesSoLong(recorded, options.timeLimit);
      long begin = clock.nanoTime();
      Results results;
      try {
        results = explorer.run(progress);
      } finally {
        recorded.countDown();
        directory.ifPresent(ResultDirectory::close);
        progress.end();
      }
      long elapsedMillis = (clock.nanoTime() - begin) / 1_000_000;
      Optional<UsageException> unwritten = write(options.report, results);
      Optional<Path> written = unwritten.isEmpty() ? options.report : Optional.empty();
      Summary.lines(results, new Summary.Run(progress.tried(), elapsedMillis, written))
          .forEach(console::line);
      if (unwritten.isPresent()) {
        throw unwritten.get();
      }
      if (!results.failures().isEmpty()) {
        return BROKEN;
      }
      return progress.isDone() ? 0 : STOPPED;
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      return BROKEN;
    } catch (InterruptedException stopped) {
      console.report("stopped before anything was tried");
      return STOPPED;
    }
  }

  /** Writes the reports, if any are wanted; returns why not: that is told behind what was found. */
  private static Optional<UsageException> write(Optional<Path> report, Results results) {
    if (report.isEmpty()) {
      return Optional.empty();
    }
    try {
      ReproducerScripts.writer().write(report.get(), results);
      return Optional.empty();
    } catch (UsageException e) {
      return Optional.of(
          new UsageException(
              String.valueOf(e.getMessage()),
              "What was found is kept: --resume writes them once that is mended."));
    }
  }

  /** The run without faults has no time limit: a check that never ends must not go unnoticed. */
  private void saysWhatTakesSoLong(CountDownLatch recorded, long seconds) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                if (!recorded.await(seconds, TimeUnit.SECONDS)) {
                  console.report(
                      "still at the run without faults and its check, after "
                          + seconds
                          + " s (Ctrl-C ends it)");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** An unset variable of a script shall not lead to reports in the current directory. */
  private static void requireName(Path report) throws UsageException {
    if (report.toString().isEmpty()) {
      throw new UsageException("--report: '' names no directory");
    }
  }

  private static ResultDirectory directory(Path path, ExploreOptions options) {
    return new ResultDirectory(
        path,
        options.shardInForce(),
        options.resume ? ResultDirectory.Mode.RESUME : ResultDirectory.Mode.NEW);
  }

  /** Joins reports; returns the exit code. */
  int merge(List<Path> directories, Path report) {
    try {
      requireName(report);
      List<ResultPart> parts = new ArrayList<>();
      for (Path directory : directories) {
        parts.add(ResultDirectory.read(directory));
      }
      Merge merge = Merge.of(parts);
      ResultDirectory.write(report, merge.results());
      ReproducerScripts.writer().write(report, merge.results());
      Summary.lines(merge.results(), new Summary.Run(0, 0, Optional.of(report), false))
          .forEach(console::line);
      merge.missing().forEach(console::report);
      if (!merge.results().failures().isEmpty()) {
        return BROKEN;
      }
      return merge.missing().isEmpty() ? 0 : STOPPED;
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      return BROKEN;
    }
  }
}
