package io.faultdisk.cli.explore;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.io.IoWorkload;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.console.Explorations;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.Heading;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Subject;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.rules.Dialect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Explores scripts of {@code io} for the console, one at a time, in memory: no file is changed, and
 * one processor is left for what the process is there for. The last {@value #KEPT_MAX} are kept,
 * with their reports.
 *
 * <p>Any thread.
 */
public final class ScriptExplorations implements Explorations, AutoCloseable {
  private static final int KEPT_MAX = 20;
  private static final int SCRIPT_LINES_MAX = 1000;

  private final Clock clock = Clock.system();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Run> runs = new ArrayList<>();
  private int lastId;

  /** None yet. */
  public ScriptExplorations() {}

  @Override
  public Exploration start(Plan plan) throws UsageException {
    List<String> commands = commands(plan.script());
    StartDisk start = new StartDisk();
    start.size = plan.size();
    start.createOptions = Optional.empty();
    start.image = Optional.empty();
    ExploreOptions options = new ExploreOptions();
    options.families = "errors,crashes";
    options.errnos = "EIO,ENOSPC";
    options.pairs = 0;
    options.random = 0;
    options.states = 100;
    options.cases = Optional.empty();
    options.seed = "1";
    String format = plan.format().orElse("qcow2");
    Subject subject =
        new DiskSubject(
            new IoWorkload("io " + plan.name(), commands, false),
            start.content(format),
            format,
            () -> Drivers.all(Dialect.FAULTDISK),
            tool -> start.preparation(tool, format),
            Optional.empty());
    int workers = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    Explorer explorer =
        new Explorer(subject, options.plan(), Explorer.Settings.standard().withWorkers(workers));
    lock.lock();
    try {
      for (Run run : runs) {
        if (run.status == Status.RUNNING) {
          throw new UsageException(
              "exploration " + run.id + " is running: wait for its end, or stop it");
        }
      }
      if (runs.size() == KEPT_MAX) {
        runs.removeFirst();
      }
      Run run = new Run(++lastId, plan.name(), explorer);
      runs.add(run);
      run.thread.start();
      return run.view();
    } finally {
      lock.unlock();
    }
  }

  private static List<String> commands(String script) throws UsageException {
    List<String> commands =
        script.lines().map(String::strip).filter(ScriptExplorations::says).toList();
    if (commands.isEmpty()) {
      throw new UsageException(
          "there is nothing to explore: write commands of 'faultdisk io', one a line");
    }
    if (commands.size() > SCRIPT_LINES_MAX) {
      throw new UsageException("a script of more than " + SCRIPT_LINES_MAX + " lines");
    }
    return commands;
  }

  private static boolean says(String line) {
    return !line.isEmpty() && !line.startsWith("#");
  }

  @Override
  public List<Exploration> all() {
    lock.lock();
    try {
      return runs.stream().map(Run::view).toList();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Run> run(int id) {
    lock.lock();
    try {
      return runs.stream().filter(run -> run.id == id).findFirst();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop(int id) {
    run(id).ifPresent(Run::stop);
  }

  @Override
  public Optional<byte[]> report(int id) {
    return run(id).flatMap(found -> Optional.ofNullable(found.report));
  }

  /** Stops what is running. */
  @Override
  public void close() {
    List<Run> all;
    lock.lock();
    try {
      all = List.copyOf(runs);
    } finally {
      lock.unlock();
    }
    all.forEach(Run::stop);
  }

  /** One exploration. Its thread writes, anybody reads. */
  private final class Run implements ResultSink {
    private final int id;
    private final String name;
    private final Explorer explorer;
    private final Thread thread;
    private final long began = clock.nanoTime();
    private volatile Status status = Status.RUNNING;
    private volatile boolean stopped;
    private volatile int cases;
    private volatile int done;
    private volatile int failed;
    private volatile double rate;
    private volatile String message = "";
    private volatile byte @Nullable [] report;

    Run(int id, String name, Explorer explorer) {
      this.id = id;
      this.name = name;
      this.explorer = explorer;
      this.thread = new Thread(this::explore, "exploration " + id);
      thread.setDaemon(true);
    }

    private void explore() {
      Status end = Status.FAILED;
      try {
        Results results = explorer.run(this);
        report = new ReportWriter().html(results).getBytes(StandardCharsets.UTF_8);
        end = stopped ? Status.STOPPED : Status.DONE;
      } catch (UsageException refused) {
        message = refused.getMessage();
      } catch (InterruptedException e) {
        end = Status.STOPPED;
      } catch (RuntimeException | Error bug) {
        message = "internal error: " + bug;
      } finally {
        status = end;
      }
    }

    void stop() {
      if (status == Status.RUNNING) {
        stopped = true;
        explorer.stop();
        if (cases == 0) {
          thread.interrupt(); // it is still at the recording
        }
      }
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    Exploration view() {
      byte[] finished = report;
      return new Exploration(
          id, name, status, cases, done, failed, rate, finished != null, message);
    }

    @Override
    public Opened open(Heading heading, List<TimelineEntry> timeline) {
      return new Opened() {
        @Override
        public Map<Integer, CaseResult> done() {
          return Map.of();
        }

        @Override
        public void begins(int all, int left) {
          cases = left;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread at a time
        public void found(CaseResult result) {
          done++;
          failed += result.verdict().isFailure() ? 1 : 0;
          rate = done * 1e9 / Math.max(1, clock.nanoTime() - began);
        }
      };
    }
  }
}
