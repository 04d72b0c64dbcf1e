package io.faultdisk.suites.kafka;

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

/**
 * Kafka's log segment as it is, in a JVM whose default file system is ours. Its indexes are mapped
 * memory, of which a power cut takes nothing here; they are made anew after it anyway.
 */
class KafkaIT {

  /** What the other JVM runs. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      Report report =
          PowerCuts.underDefaultEntirely(
              new Segment("Kafka log segment", 60, true),
              Durability.valueOf(args[1]),
              Integer.parseInt(args[2]),
              Path.of(args[0]));
      System.out.println(report.of(Verdict.HOLDS) + " of " + report.cuts());
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void whatWasFlushedIsThere(Durability durability, @TempDir Path directory) throws Exception {
    int cuts = Settings.cuts(750);
    assertThat(OtherJvm.run(Program.class, durability, directory, "" + cuts))
        .containsPattern("\n(\\d+) of \\1\n");
  }
}
