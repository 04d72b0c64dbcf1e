package io.faultdisk.cli.demo;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo sqlite}: what PRAGMA synchronous is good for. */
@Command(
    name = "sqlite",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "The same transactions in SQLite with synchronous=OFF, FULL and EXTRA, on ext4 on a disk of"
          + " ours: every state that a power cut can leave is mounted and checked.",
      "",
      "Needs root, sqlite3, nbdfuse and e2fsprogs."
    })
final class SqliteDemo implements Callable<Integer> {
  private static final long BYTES = 32L << 20;
  private static final List<Mode> MODES =
      List.of(
          new Mode("OFF", "DELETE"),
          new Mode("FULL", "DELETE"),
          new Mode("EXTRA", "DELETE"),
          new Mode("FULL", "WAL"));

  /** How SQLite is told to take care: PRAGMA synchronous, PRAGMA journal_mode. */
  private record Mode(String synchronous, String journal) {
    String name() {
      return journal.equals("DELETE") ? synchronous : synchronous + ", " + journal;
    }

    String pragmas() {
      return "PRAGMA journal_mode=" + journal + "; PRAGMA synchronous=" + synchronous + ";";
    }
  }

  private static final String OLD =
      """
      sqlite3 -bail "$FAULTDISK_DIR/bank.db" "
        CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER, note TEXT);
        CREATE TABLE done(n INTEGER PRIMARY KEY);
        CREATE INDEX notes ON account(note);
        WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM i WHERE x<200)
          INSERT INTO account SELECT x, 100, hex(randomblob(40)) FROM i;"
      """;

  /** Transfers between accounts, each of them acknowledged after its COMMIT. */
  private static final String PROGRAM =
      """
      {
        echo 'PRAGMAS'
        for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
          echo "BEGIN;
            UPDATE account SET balance=balance-$n, note=hex(randomblob(40)) WHERE id%20=$n;
            UPDATE account SET balance=balance+$n, note=hex(randomblob(40)) WHERE id%20=$n+1;
            INSERT INTO done VALUES($n); COMMIT;"
          echo ".system \"\\$FAULTDISK_ACK\" $n"
        done
      } | sqlite3 -bail "$FAULTDISK_DIR/bank.db"
      """;

  private static final String CHECK =
      """
      acked=$(wc -l <"$FAULTDISK_ACKED")
      {
        read -r sum; read -r there; read -r found
      } <<END
      $(sqlite3 "$FAULTDISK_DIR/bank.db" "SELECT sum(balance) FROM account;
        SELECT count(*) FROM done WHERE n<=$acked; PRAGMA integrity_check" 2>&1)
      END
      [ "$found" = ok ] || { echo "malformed: $sum $found"; exit 1; }
      [ "$sum" = 20000 ] || { echo "malformed: the balances sum up to $sum"; exit 1; }
      [ "$there" = "$acked" ] || { echo "lost: of $acked commits $there are there"; exit 1; }
      echo ok
      """;

  private final DemoRun run;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the reports go; default: a new directory in /tmp.")
  Optional<Path> report;

  SqliteDemo(DemoRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.demo(
        List.of("sqlite3"), new KernelFileSystem[] {KernelFileSystem.EXT4}, this::explore);
  }

  private int explore() throws UsageException, InterruptedException {
    KernelFileSystem ext4 = KernelFileSystem.EXT4;
    Path reports = DemoRun.reports(report, "sqlite");
    Console console = run.console();
    console.line("SQLite on ext4: 12 transactions, each acknowledged after its COMMIT; then the");
    console.line("power is cut at every flush, and any of the writes since the last one survive.");
    console.line("");
    console.line(
        "  synchronous   states  checked       ok     lost  malformed  seconds".stripTrailing());
    List<DemoRun.Found> all = new ArrayList<>();
    for (Mode mode : MODES) {
      Scenario scenario =
          new Scenario(
              mode.name(),
              ext4,
              BYTES,
              OLD,
              PROGRAM.replace("PRAGMAS", mode.pragmas()),
              CHECK,
              false);
      DemoRun.Found found = run.explore(scenario, reports.resolve(directory(mode.name())));
      all.add(found);
      console.line(
          String.format(
              Locale.ROOT,
              "  %-11s%9d%9d%9d%9d%11d%9s",
              mode.name(),
              found.listed(),
              found.checked(),
              found.count("ok"),
              found.count("lost"),
              found.count("malformed"),
              found.seconds()));
      console.flush();
    }
    console.line("");
    console.line(
        "lost: a transaction is gone that was acknowledged; malformed: the database fails");
    console.line(
        "its own integrity check, or money has come or gone. States with equal content and");
    console.line("equal promises were checked once. With FULL, SQLite does not sync the directory");
    console.line("after it has deleted its journal; with EXTRA it does.");
    console.line("");
    for (DemoRun.Found found : all) {
      String mode = found.scenario().name();
      for (String word : List.of("malformed", "lost")) {
        DemoRun.reproducer(found, word, reports.resolve(directory(mode)))
            .ifPresent(
                script ->
                    console.line(String.format("%-22s sh %s", mode + ", " + word + ":", script)));
      }
    }
    console.line("reports:               " + reports);
    return 0;
  }

  private static String directory(String mode) {
    return mode.replace(", ", "-");
  }
}
