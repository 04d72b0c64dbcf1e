package io.faultdisk.suites.eclipsestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.faults.FaultPoints;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.suites.History;
import io.faultdisk.suites.PowerCuts;
import io.faultdisk.suites.Report;
import io.faultdisk.suites.Settings;
import io.faultdisk.suites.Verdict;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Eclipse Store on a disk that loses power. What does not hold is in docs/findings.md. */
class EclipseStoreTest {
  private static final Graph GRAPH = new Graph("Eclipse Store", 20);

  /** The process is killed between any two operations, and the machine goes on. */
  @Test
  void whatWasStoredIsThereWhenTheProcessWasKilled() throws Exception {
    Report report = PowerCuts.killing(GRAPH);
    assertThat(report.of(Verdict.HOLDS) + report.of(Verdict.STILLBORN))
        .as(report.toString())
        .isEqualTo(report.cuts());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void whatWasStoredIsLostWithThePower(Durability durability) throws Exception {
    Report report = PowerCuts.under(GRAPH, durability, Settings.cuts(300));
    assertThat(report.of(Verdict.LOST)).as(report.toString()).isPositive();
    assertThat(report.of(Verdict.UNUSABLE)).as(report.toString()).isPositive();
  }

  @Test
  void nothingIsEverSynced(@TempDir Path directory) throws Exception {
    Faults faults = Faults.create();
    try (FaultFileSystem files =
            FaultFileSystem.over(directory.getFileSystem()).faults(faults).open();
        FaultPoints points = new FaultPoints(faults)) {
      GRAPH.work(files.wrap(directory), new History(GRAPH.empty()));
      assertThat(points.list()).anyMatch(point -> point.event().equals("write"));
      assertThat(points.list()).noneMatch(point -> point.event().equals("fsync"));
    }
  }
}
