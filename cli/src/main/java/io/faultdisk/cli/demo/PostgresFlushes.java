package io.faultdisk.cli.demo;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskTrial;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.explore.disk.Preparation;
import io.faultdisk.explore.disk.StateCheck;
import io.faultdisk.explore.disk.command.CommandCheck;
import io.faultdisk.explore.disk.command.CommandWorkload;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RuleBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** PostgreSQL while a flush of its disk fails, and while flushes lie until the power goes. */
final class PostgresFlushes {
  private static final int ROWS = 40;

  /** After this row was acknowledged the disk goes wrong. */
  private static final int GOOD_ROWS = 20;

  /**
   * What ext4 wants to flush is flushed before the disk goes wrong: the next flush is for a row.
   */
  private static final String INSERTS =
      """
      ulimit -c 0
      as postgres -D "$data" -k "$data" -c listen_addresses= 2>&1 |
        grep --line-buffered -E 'PANIC|automatic recovery' & server=$!
      q() { BIN/psql -qAt -h "$data" -U postgres -c "$1" postgres >/dev/null 2>&1; }
      ready() {
        n=0
        while [ $n -lt 100 ]; do
          if q 'SELECT 1'; then return; fi
          kill -0 $server 2>/dev/null || return 1
          sleep 0.1
          n=$((n + 1))
        done
        return 1
      }
      i=0
      if ready; then
        while [ $i -lt ROWS ]; do
          i=$((i + 1))
          if q "INSERT INTO t VALUES($i)"; then
            if [ $i = GOOD ]; then sync -f "$data"; fi
            "$FAULTDISK_ACK" $i
          else
            ready || break
          fi
        done
      fi
      kill -SIGNAL "$(head -n 1 "$data/postmaster.pid")" 2>/dev/null || true
      """;

  private static final String ROWS_LEFT =
      """
      said=$(echo 'SELECT i FROM t' | as postgres --single -D "$data" postgres 2>&1) || {
        echo "unusable: $said" | head -n 3; exit 1
      }
      echo "$said" | sed -n 's/.* i = "\\([0-9]*\\)".*/\\1/p'
      """;

  private final DemoRun run;
  private final Scenario scenario;
  private final String begin;
  private final String inserts;

  /**
   * Trials.
   *
   * @param scenario whose preparation and file system they begin with
   * @param begin what every text for sh begins with
   * @param programs where PostgreSQL's are
   */
  PostgresFlushes(DemoRun run, Scenario scenario, String begin, String programs) {
    this.run = run;
    this.scenario = scenario;
    this.begin = begin;
    this.inserts =
        begin
            + INSERTS
                .replace("BIN", programs)
                .replace("ROWS", String.valueOf(ROWS))
                .replace("GOOD", String.valueOf(GOOD_ROWS));
  }

  /** Runs both and prints what was found. */
  void run() throws UsageException, InterruptedException {
    Console console = run.console();
    console.line(
        "PostgreSQL on ext4: %d rows, one transaction each; row %d is the last one on a good disk."
            .formatted(ROWS, GOOD_ROWS));
    console.flush();
    DiskContent start;
    try (CommandWorkload preparation = DemoRun.workload(scenario, scenario.preparation())) {
      start = Preparation.after(preparation, scenario.fileSystem().format(scenario.bytes()), "raw");
    }
    RuleBuilder flush = RuleBuilder.on(QemuEvents.FLUSH_TO_DISK);
    console.line("");
    console.line("A flush fails: one gets EIO.");
    String fails =
        row(
            "a flush fails",
            inserts.replace("SIGNAL", "INT") + "wait $server || true",
            new DiskTrial(
                start,
                "raw",
                (trial, row) -> {
                  if (row.equals(String.valueOf(GOOD_ROWS))) {
                    trial.add(flush.once().failFlush(FailFlush.Mode.KEEP));
                  }
                }));
    console.line("");
    console.line("Flushes lie: they say that all is well. After the last row the power is cut.");
    String lies =
        row(
            "flushes lie, power cut",
            inserts.replace("SIGNAL", "KILL"),
            new DiskTrial(
                start,
                "raw",
                (trial, row) -> {
                  if (row.equals(String.valueOf(GOOD_ROWS))) {
                    trial.add(flush.failFlush(FailFlush.Mode.LIE));
                  } else if (row.equals(String.valueOf(ROWS))) {
                    trial.cutPower();
                  }
                }));
    console.line("");
    console.line("                           acknowledged    found     lost  seconds");
    console.line(fails);
    console.line(lies);
    console.flush();
  }

  private String row(String name, String program, DiskTrial trial)
      throws UsageException, InterruptedException {
    Console console = run.console();
    long started = Clock.system().nanoTime();
    DiskWorkload.Ending ending;
    try (CommandWorkload workload = DemoRun.workload(scenario, program)) {
      ending = workload.run(trial.disk());
    }
    if (ending.exitCode() != 0) {
      throw new UsageException("PostgreSQL cannot be tried: " + ending.output().strip());
    }
    List<Receipt> receipts = trial.receipts();
    if (receipts.isEmpty()) {
      throw new UsageException("No flush came after row " + GOOD_ROWS);
    }
    console.line("  disk:       " + describe(receipts));
    ending.output().lines().forEach(line -> console.line("  PostgreSQL: " + line));
    StateCheck.DiskState left = trial.left();
    StateCheck.Finding finding = check(left);
    List<String> found = finding.good() ? finding.text().lines().toList() : List.of();
    List<String> lost = left.acknowledged().stream().filter(each -> !found.contains(each)).toList();
    console.line("  check:      " + (finding.good() ? describeLost(lost) : finding.text()));
    console.flush();
    int acknowledged = left.acknowledged().size();
    return String.format(
        Locale.ROOT,
        "  %-28s%9d%9d%9d%9.1f",
        name,
        acknowledged,
        acknowledged - lost.size(),
        lost.size(),
        (Clock.system().nanoTime() - started) / 1e9);
  }

  private static String describe(List<Receipt> receipts) {
    Receipt first = receipts.get(0);
    Receipt last = receipts.get(receipts.size() - 1);
    return receipts.size() == 1
        ? "flush " + (first.epoch() + 1) + " failed: " + first.result()
        : "flushes " + (first.epoch() + 1) + " to " + (last.epoch() + 1) + " made nothing durable";
  }

  private static String describeLost(List<String> lost) {
    return lost.isEmpty()
        ? "every acknowledged row is there"
        : lost.size()
            + " acknowledged rows are gone: the first is "
            + lost.get(0)
            + ", the last "
            + lost.get(lost.size() - 1);
  }

  /** Starts PostgreSQL on what is left; finds the rows. */
  private StateCheck.Finding check(StateCheck.DiskState left) throws InterruptedException {
    try (CommandCheck check =
        new CommandCheck(
            List.of(begin + ROWS_LEFT),
            false,
            Optional.of(scenario.fileSystem()),
            "raw",
            () -> Drivers.all(Dialect.FAULTDISK))) {
      return check.check(left);
    }
  }
}
