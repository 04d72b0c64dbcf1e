package io.faultdisk.suites.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.suites.InjectedFailures;
import io.faultdisk.suites.PowerCuts;
import io.faultdisk.suites.Report;
import io.faultdisk.suites.Settings;
import io.faultdisk.suites.Verdict;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lucene on a disk that loses power and fails. What does not hold is in docs/findings.md. */
class LuceneTest {
  private static final int COMMITS = 12;

  @Test
  void afterAPowerCutTheLastCommitIsThere() throws Exception {
    Report report =
        PowerCuts.under(Index.of("Lucene", COMMITS), Durability.JOURNALED, Settings.cuts(5_000));
    assertThat(report.of(Verdict.HOLDS)).as(report.toString()).isEqualTo(report.cuts());
  }

  /** Deletions that overtake each other leave an older commit that cannot be read. */
  @Test
  void whereDeletionsAreNotOrderedItCanBeReadButPerhapsNotGoneOnFrom() throws Exception {
    Report report =
        PowerCuts.under(Index.of("Lucene", COMMITS), Durability.POSIX, Settings.cuts(5_000));
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.DAMAGED))
        .as(report.toString())
        .isEqualTo(report.cuts());
    assertThat(report.counted("DAMAGED: CheckIndex complains: ")).isZero();
    if (Settings.isWhole()) {
      assertThat(report.counted(Index.NO_WRITER)).as(report.toString()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void mergesInThreadsOfTheirOwnChangeNothing(Durability durability) throws Exception {
    Report report =
        PowerCuts.under(
            new Index("Lucene, concurrent merges", COMMITS, true, false, NIOFSDirectory::new),
            durability,
            Settings.cuts(500));
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.DAMAGED))
        .as(report.toString())
        .isEqualTo(report.cuts());
  }

  /** What was written through channels is read through memory that is mapped. */
  @Test
  void canBeReadThroughMappedMemory(@TempDir Path states) throws Exception {
    try (FaultFileSystem real = FaultFileSystem.over(FileSystems.getDefault()).open()) {
      Report report =
          PowerCuts.under(
              new Index("Lucene, MMapDirectory", COMMITS, false, false, Index::mappedIfReal),
              Durability.JOURNALED,
              Settings.cuts(70),
              real.wrap(states));
      assertThat(report.of(Verdict.HOLDS)).as(report.toString()).isEqualTo(report.cuts());
    }
  }

  /** But for directories whose sync fails: Lucene goes on as if nothing had happened. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void afterAFailureTheLastCommitIsThereUnlessADirectoryWasNotSynced(Durability durability)
      throws Exception {
    Report report = InjectedFailures.under(Index.of("Lucene", 2), durability);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
    assertThat(report.counted("LOST after", "of fsync of the directory"))
        .as(report.toString())
        .isEqualTo(report.of(Verdict.LOST));
    if (durability == Durability.JOURNALED) {
      assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.LOST))
          .as(report.toString())
          .isEqualTo(report.cuts());
    }
    assertThat(report.of(Verdict.GARBAGE)).as(report.toString()).isZero();
    assertThat(report.counted("SHORT_ONCE gave up") + report.counted("SHORT_EVER gave up"))
        .isZero();
  }
}
