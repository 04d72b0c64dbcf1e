package com.example.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultdisk.base.Errno;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.ResultDirectory;
import io.faultdisk.explore.ResultDirectory.Mode;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Shard;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.explore.Exploration;
import io.faultdisk.nio.explore.FileSubject;
import io.faultdisk.nio.explore.TrialPlan;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The same from {@code main}, or any other test framework. */
final class WithoutJUnit {
  private WithoutJUnit() {}

  public static void main(String[] args) throws Exception {
    oneRule();
    everyFaultPoint();
    everything(Path.of("target", "explored"));
  }

  /** A file system with one rule. */
  static void oneRule() throws IOException {
    Path temporary = Files.createTempDirectory("wal");
    Faults faults = Faults.create();
    faults.add(RuleBuilder.on("fdatasync").path("*.wal").occurrence(2).fail(Errno.EIO));
    try (FaultFileSystem files =
        FaultFileSystem.over(FileSystems.getDefault()).faults(faults).open()) {
      try (WriteAheadLog log = WriteAheadLog.open(files.getPath(temporary + "/a.wal"))) {
        log.append("one".getBytes(UTF_8));
        log.commit();
        log.append("two".getBytes(UTF_8));
        log.commit();
      } catch (IOException e) {
        System.out.println("the second commit: " + e.getMessage());
      }
    }
    faults.receipts().forEach(System.out::println);
  }

  /** Every fault point in turn. */
  static void everyFaultPoint() throws IOException {
    Exploration.Summary summary =
        Exploration.of(TrialPlan.errors(Errno.EIO))
            .run(
                attempt -> {
                  attempt.run(
                      directory -> {
                        try (WriteAheadLog log = WriteAheadLog.open(directory.resolve("a.wal"))) {
                          log.append("one".getBytes(UTF_8));
                          log.commit();
                        }
                      });
                  WriteAheadLog.open(attempt.directory().resolve("a.wal")).close();
                });
    System.out.println(summary);
  }

  /** All that can go wrong, and a report. */
  static void everything(Path report) throws Exception {
    FileSubject subject =
        FileSubject.of(
            "write-ahead log",
            (directory, promises) -> {
              try (WriteAheadLog log = WriteAheadLog.open(directory.resolve("a.wal"))) {
                for (String record : List.of("one", "two", "three")) {
                  log.append(record.getBytes(UTF_8));
                  log.commit();
                  promises.made(record);
                }
              }
            },
            (directory, promised) -> {
              try (WriteAheadLog log = WriteAheadLog.open(directory.resolve("a.wal"))) {
                if (log.records().size() < promised.size()) {
                  throw new AssertionError("lost one of " + promised);
                }
              }
            });
    ExplorationPlan plan = ExplorationPlan.standard(FileSubject.seed(1));
    Explorer explorer = new Explorer(subject, plan, Explorer.Settings.standard());
    try (ResultDirectory kept = new ResultDirectory(report, Shard.ALL, Mode.RESUME)) {
      Results results = explorer.run(kept);
      new ReportWriter().write(report, results);
      System.out.println(results.failures().size() + " failures, see " + report);
    }
  }
}
