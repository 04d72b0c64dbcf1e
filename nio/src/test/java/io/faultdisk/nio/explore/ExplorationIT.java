package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.rules.Rule;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A {@code main} with nothing but our modules on the class path, and what its command line says.
 */
class ExplorationIT {
  private record Run(int exit, String output) {}

  private static Run run(String care, String... properties) throws Exception {
    String classPath =
        Stream.of(
                Seed.class,
                Rule.class,
                FaultEvents.class,
                Faults.class,
                FaultFileSystem.class,
                ExplorationMain.class)
            .map(
                type -> Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()))
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(properties));
    command.addAll(List.of("-cp", classPath, ExplorationMain.class.getName(), care));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  @Test
  void aProgramNeedsNoTestFramework() throws Exception {
    Run run = run("ALL", "-Dfaultdisk.seed=7");
    assertThat(run).isEqualTo(new Run(0, "7 fault points, 7 attempts, seed 0x7\n"));
  }

  @Test
  void whatAFailureNamesRepeatsIt() throws Exception {
    Run run = run("IN_PLACE");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.output())
        .contains("to repeat it: -Dfaultdisk.only='write#1: EIO' -Dfaultdisk.seed=0x");
    Run again = run("IN_PLACE", "-Dfaultdisk.only=write#1: EIO");
    assertThat(again.exit()).isEqualTo(1);
    assertThat(run("IN_PLACE", "-Dfaultdisk.only=fsync#1: EIO")).extracting(Run::exit).isEqualTo(0);
  }

  @Test
  void aSeedThatIsNoneIsRefused() throws Exception {
    assertThat(run("ALL", "-Dfaultdisk.seed=x").output())
        .contains("-Dfaultdisk.seed: 'x' is not a seed. A seed is a number of up to 64 bits");
  }
}
