package io.faultdisk.suites.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nio.Durability;
import io.faultdisk.suites.InjectedFailures;
import io.faultdisk.suites.PowerCuts;
import io.faultdisk.suites.Report;
import io.faultdisk.suites.Settings;
import io.faultdisk.suites.Subject;
import io.faultdisk.suites.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** H2 on a disk that loses power and fails. What does not hold is in docs/findings.md. */
class H2Test {
  private static final Durability POSIX = Durability.POSIX;
  private static final Durability JOURNALED = Durability.JOURNALED;

  /** But for the moments in which the file is made: a half-made one has to be deleted by hand. */
  private static void assertHolds(Report report) {
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.STILLBORN))
        .as(report.toString())
        .isEqualTo(report.cuts());
    assertThat(report.of(Verdict.STILLBORN)).as(report.toString()).isLessThan(report.cuts() / 20);
  }

  private static void assertDoesNotHold(Report report) {
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.STILLBORN))
        .as(report.toString())
        .isLessThan(report.cuts());
  }

  /** And for chunks of which something in the middle is missing, which H2 does not notice. */
  private static void assertNearlyHolds(Report report) {
    long unusable = report.of(Verdict.UNUSABLE) + report.of(Verdict.GARBAGE);
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.STILLBORN) + unusable)
        .as(report.toString())
        .isEqualTo(report.cuts());
    assertThat(unusable).as(report.toString()).isLessThan(report.cuts() / 50 + 2);
  }

  private static Report cut(Subject subject, Durability durability, int cuts) throws Exception {
    return PowerCuts.under(subject, durability, Settings.cuts(cuts));
  }

  @Test
  void aSyncedCommitIsThere() throws Exception {
    assertHolds(cut(new Store("H2 MVStore with sync", 100, true, -1, false), JOURNALED, 2_500));
  }

  /** Where only POSIX holds, a sync that is interrupted can leave less than nothing. */
  @Test
  void aSyncedCommitIsNearlyAlwaysThereWhereOnlyPosixHolds() throws Exception {
    assertNearlyHolds(cut(new Store("H2 MVStore with sync", 100, true, -1, true), POSIX, 2_500));
  }

  @Test
  void withoutSyncSomeCommitIsThereOnAJournaledFileSystem() throws Exception {
    assertHolds(cut(new Store("H2 MVStore without sync", 100, false, -1, true), JOURNALED, 1_500));
  }

  /** Chunks have no checksum of all that is in them, so one that is torn is taken for whole. */
  @Test
  void withoutSyncAnythingMayBeThereWhereOnlyPosixHolds() throws Exception {
    Report report = cut(new Store("H2 MVStore without sync", 100, false, -1, true), POSIX, 1_500);
    assertDoesNotHold(report);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.UNUSABLE)).as(report.toString()).isPositive();
    }
  }

  /** H2 does not sync the directory of its file. */
  @Test
  void allIsLostIfNobodySyncsTheDirectory() throws Exception {
    Report report =
        cut(new Store("H2 MVStore, directory not synced", 20, true, -1, false), POSIX, 200);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
    assertThat(report.of(Verdict.GARBAGE) + report.of(Verdict.UNUSABLE))
        .as(report.toString())
        .isZero();
  }

  /** Space that is used again at once makes even synced commits go. */
  @Test
  void withoutRetentionEvenSyncedCommitsAreLost() throws Exception {
    Report report =
        cut(new Store("H2 MVStore with sync, no retention", 100, true, 0, true), JOURNALED, 1_000);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
  }

  private static Database database(boolean checkpoint, boolean closes, Durability durability) {
    return new Database(
        "H2 SQL with WRITE_DELAY=0"
            + (checkpoint ? " and CHECKPOINT SYNC" : "")
            + (closes ? ", closed" : ""),
        40,
        ";WRITE_DELAY=0",
        checkpoint,
        durability == POSIX,
        closes);
  }

  @Test
  void aTransactionIsThereAfterACheckpoint() throws Exception {
    assertHolds(cut(database(true, false, JOURNALED), JOURNALED, 2_000));
  }

  @Test
  void aTransactionIsNearlyAlwaysThereWhereOnlyPosixHolds() throws Exception {
    assertNearlyHolds(cut(database(true, false, POSIX), POSIX, 2_000));
  }

  /** Closing compacts for a fifth of a second: chunks are moved into space that was freed. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void whileADatabaseIsClosedTransactionsAreNearlyAlwaysThere(Durability durability)
      throws Exception {
    assertNearlyHolds(cut(database(true, true, durability), durability, 500));
  }

  /** {@code COMMIT} writes, but does not sync. */
  @Test
  void withoutACheckpointTransactionsAreLost() throws Exception {
    Report report = cut(database(false, false, JOURNALED), JOURNALED, 500);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
    assertThat(report.of(Verdict.GARBAGE) + report.of(Verdict.UNUSABLE))
        .as(report.toString())
        .isZero();
  }

  /** A chunk that cannot be read is taken for one that is not there. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void afterAFailureTheLastSyncedCommitIsThereUnlessARead(Durability durability) throws Exception {
    Report report =
        InjectedFailures.under(new Store("H2 MVStore with sync", 20, true, -1, true), durability);
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.STILLBORN) + report.of(Verdict.LOST))
        .as(report.toString())
        .isEqualTo(report.cuts());
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
    assertThat(report.counted("LOST after", "of read"))
        .as(report.toString())
        .isEqualTo(report.of(Verdict.LOST));
    assertThat(report.counted("SHORT_ONCE gave up") + report.counted("SHORT_EVER gave up"))
        .isZero();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void afterAFailureTheLastTransactionIsThere(Durability durability) throws Exception {
    assertHolds(
        InjectedFailures.under(
            new Database("H2 SQL with CHECKPOINT SYNC", 5, ";WRITE_DELAY=0", true, true, true),
            durability));
  }

  /** The same as without retention, with H2's own retention; takes four minutes. */
  @Test
  @EnabledIfSystemProperty(
      named = "faultdisk.slow",
      matches = "true",
      disabledReason = "takes four minutes: -Dfaultdisk.slow=true")
  void evenSyncedCommitsAreLostWhenChunksAreOlderThanTheirRetention() throws Exception {
    Report report =
        cut(
            new Store("H2 MVStore with sync, one commit a second", 120, true, -1, true, 1_000),
            JOURNALED,
            2_000);
    if (Settings.isWhole()) {
      assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    }
  }
}
