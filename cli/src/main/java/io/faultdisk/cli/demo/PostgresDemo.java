package io.faultdisk.cli.demo;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Verdict;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo postgres}: what PostgreSQL keeps when the power goes, and when its disk fails. */
@Command(
    name = "postgres",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A PostgreSQL server on ext4 on a disk of ours; rows are inserted, each acknowledged after"
          + " its INSERT. A flush fails; in another run flushes lie until the power goes (with"
          + " --flushes that is all). Then every state that a power cut can leave is mounted,"
          + " recovered and read; and the server is run again for requests of its disk that fail,"
          + " flushes among them.",
      "",
      "Needs root, postgresql and its user, nbdfuse and e2fsprogs."
    })
final class PostgresDemo implements Callable<Integer> {
  private static final long BYTES = 160L << 20;

  /** Each takes a second or more. */
  private static final int ERRORS_MOST = 40;

  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

  /** The server's user must be able to come to the mount point. */
  private static final String BEGIN =
      """
      cd / && chmod 711 "$(dirname "$FAULTDISK_DIR")" && data=$FAULTDISK_DIR/pg
      as() { program=$1; shift; runuser -u postgres -- "BIN/$program" "$@"; }
      """;

  private static final String CLUSTER =
      """
      mkdir "$data" && chown postgres "$data"
      as initdb -N -A trust --no-locale -E UTF8 --wal-segsize=1 -D "$data" >/dev/null
      echo 'CREATE TABLE t(i int PRIMARY KEY)' |
        as postgres --single -D "$data" postgres >/dev/null
      """;

  /** A server that comes down does so for good; what fails is not acknowledged. */
  private static final String INSERTS =
      """
      as postgres -D "$data" -k "$data" -c listen_addresses= 2>/dev/null & server=$!
      q() { BIN/psql -qAt -h "$data" -U postgres -c "$1" postgres >/dev/null 2>&1; }
      ready() {
        for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        do
          q 'SELECT 1' && return
          kill -0 $server 2>/dev/null || return 1
          sleep 0.1
        done
        return 1
      }
      for i in 1 2 3 4 5 6 7 8; do
        ready || break
        if q "INSERT INTO t VALUES($i)"; then "$FAULTDISK_ACK" $i; fi
      done
      kill -INT "$(head -n 1 "$data/postmaster.pid")" 2>/dev/null || true
      wait $server || true
      """;

  private static final String CHECK =
      """
      said=$(echo 'SELECT i FROM t' | as postgres --single -D "$data" postgres 2>&1) || {
        echo "unusable: $said" | head -n 3; exit 1
      }
      for i in $(cat "$FAULTDISK_ACKED"); do
        echo "$said" | grep -q "= \\"$i\\"" || { echo "lost: row $i"; exit 1; }
      done
      echo ok
      """;

  private final DemoRun run;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the reports go; default: a new directory in /tmp.")
  Optional<Path> report;

  @Option(
      names = "--flushes",
      description = "Only the flush that fails and the flushes that lie: seconds.")
  boolean flushes;

  PostgresDemo(DemoRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    Optional<Path> programs = programs();
    if (programs.isEmpty()) {
      run.console().report("this demo needs postgresql: install it");
      return DemoRun.MISSING;
    }
    return run.demo(
        List.of("runuser"),
        new KernelFileSystem[] {KernelFileSystem.EXT4},
        () -> explore(programs.get()));
  }

  /** Debian has the server's programs apart, by version; the last one is taken. */
  private static Optional<Path> programs() {
    Optional<Path> found = Optional.empty();
    try (DirectoryStream<Path> versions = Files.newDirectoryStream(VERSIONS)) {
      for (Path version : versions) {
        Path programs = version.resolve("bin");
        if (Files.isExecutable(programs.resolve("initdb"))
            && (found.isEmpty() || found.get().compareTo(programs) < 0)) {
          found = Optional.of(programs);
        }
      }
    } catch (IOException none) {
      // Not installed.
    }
    return found;
  }

  private int explore(Path programs) throws UsageException, InterruptedException {
    String begin = BEGIN.replace("BIN", programs.toString());
    Scenario scenario =
        new Scenario(
            "postgres",
            KernelFileSystem.EXT4,
            BYTES,
            begin + CLUSTER,
            begin + INSERTS.replace("BIN", programs.toString()),
            begin + CHECK,
            false);
    new PostgresFlushes(run, scenario, begin, programs.toString()).run();
    if (flushes) {
      return 0;
    }
    Path reports = DemoRun.reports(report, "postgres");
    Console console = run.console();
    console.line("");
    console.line("PostgreSQL on ext4: 8 rows, each acknowledged after its INSERT.");
    console.line("");
    console.line(
        "                                 tried       ok     lost  unusable  missed  seconds");
    ExplorationPlan crashes =
        ExplorationPlan.standard(new Seed(1)).withFamilies(EnumSet.of(Case.Family.CRASHES));
    row("power cuts, all states", run.explore(scenario, crashes, reports.resolve("crashes")));
    ExplorationPlan errors =
        new ExplorationPlan(
            EnumSet.of(Case.Family.ERRORS),
            List.of(Errno.EIO),
            true,
            false,
            0,
            0,
            crashes.statesPerEpoch(),
            ERRORS_MOST,
            crashes.seed());
    row("EIO once, evenly chosen", run.explore(scenario, errors, reports.resolve("errors")));
    console.line("");
    console.line("lost: a row is gone that was acknowledged; unusable: the server does not start;");
    console.line("missed: the request did not come in that run.");
    console.line("reports: " + reports);
    return 0;
  }

  private void row(String name, DemoRun.Found found) {
    run.console()
        .line(
            String.format(
                Locale.ROOT,
                "  %-28s%8d%9d%9d%10d%8d%9s",
                name,
                found.checked(),
                found.count("ok"),
                found.count("lost"),
                found.count("unusable"),
                found.results().counts().get(Verdict.MISSED),
                found.seconds()));
    run.console().flush();
  }
}
