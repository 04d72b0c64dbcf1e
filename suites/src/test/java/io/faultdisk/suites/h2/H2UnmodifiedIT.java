package io.faultdisk.suites.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nio.Durability;
import io.faultdisk.suites.OtherJvm;
import io.faultdisk.suites.PowerCuts;
import io.faultdisk.suites.Report;
import io.faultdisk.suites.Settings;
import io.faultdisk.suites.Verdict;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** H2 as it is, in a JVM whose default file system is ours. */
class H2UnmodifiedIT {

  /** What the other JVM runs. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      Report report =
          PowerCuts.underDefault(
              new Database("H2 SQL, unmodified", 40, ";WRITE_DELAY=0", true, true, false),
              Durability.valueOf(args[1]),
              Integer.parseInt(args[2]),
              Path.of(args[0]));
      System.out.println(
          report.of(Verdict.HOLDS)
              + report.of(Verdict.STILLBORN)
              + report.of(Verdict.UNUSABLE)
              + " of "
              + report.cuts());
      System.out.println(report.of(Verdict.UNUSABLE) + " unusable");
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void aTransactionIsThereAfterACheckpoint(Durability durability, @TempDir Path directory)
      throws Exception {
    int cuts = Settings.cuts(1_500);
    assertThat(OtherJvm.run(Program.class, durability, directory, "" + cuts))
        .containsPattern("\n(\\d+) of \\1\n")
        .containsPattern(durability == Durability.JOURNALED ? "\n0 unusable" : " unusable");
  }
}
