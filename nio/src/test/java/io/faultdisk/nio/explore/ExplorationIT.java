package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.explore.Case;
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
    return run(ExplorationMain.class, care, properties);
  }

  private static Run run(Class<?> main, String care, String... properties) throws Exception {
    String classPath =
        Stream.of(
                Seed.class,
                Rule.class,
                Case.class,
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
    command.addAll(List.of("-cp", classPath, main.getName(), care));
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

  private static final String[] UNMODIFIED = {
    "-Djava.nio.file.spi.DefaultFileSystemProvider=io.faultdisk.nio.FaultFileSystemProvider",
    "-Dfaultdisk.powerLoss=posix"
  };

  @Test
  void aProgramThatKnowsOnlyNamesOfFilesIsExploredAsItIs() throws Exception {
    assertThat(run(UnmodifiedMain.class, "true", UNMODIFIED)).isEqualTo(new Run(0, "6 points\n"));
    Run careless = run(UnmodifiedMain.class, "false", UNMODIFIED);
    assertThat(careless.output())
        .startsWith("2 points\nend after e0 write#1 file: cut, dropAll() of 2 survive: ")
        .contains(
            "NoSuchFileException: file\n  [the power was cut after step 3, PowerCut.dropAll():"
                + " 2 operations not durable, create file, file: 4 bytes]\n")
        .contains(
            "\n  java -Dfaultdisk.only='end after e0 write#1 file: cut, dropAll() of 2 survive'"
                + " -Dfaultdisk.seed=0x1 io.faultdisk.nio.explore.UnmodifiedMain\n");
  }
}
