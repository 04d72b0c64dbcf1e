package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.Rule;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Java with ours as its default file system, in a process of its own on the JDK that runs the
 * tests: so on each of them.
 */
class DefaultProviderTest {
  private static final long SECONDS_MAX = 60;

  @TempDir Path directory;

  /** What a program printed, and how it ended. */
  private record Run(int code, String output, String errors) {}

  private static String classPath() {
    return Stream.of(
            Errno.class,
            Rule.class,
            FaultEvents.class,
            Faults.class,
            FaultFileSystem.class,
            DefaultProviderTest.class)
        .map(
            type -> {
              try {
                return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
              } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
              }
            })
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private Run run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add(
        "-Djava.nio.file.spi.DefaultFileSystemProvider=" + FaultFileSystemProvider.class.getName());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            classPath(),
            DefaultProviderProgram.class.getName(),
            Files.createDirectory(directory.resolve("work")).toString()));
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Run(
        process.exitValue(),
        Files.readString(output, StandardCharsets.UTF_8),
        Files.readString(errors, StandardCharsets.UTF_8));
  }

  private String rules(String text) throws IOException {
    return "-Dfaultdisk.rules=" + Files.writeString(directory.resolve("rules.ini"), text);
  }

  @Test
  void anUnchangedProgramMeetsTheRulesOfAFile() throws Exception {
    Run run =
        run(
            rules(
                """
                [inject-error]
                event = "fsync"
                path = "*.wal"
                occurrence = "2"
                errno = "EIO"
                """));
    assertThat(run.errors()).isEmpty();
    assertThat(run.output())
        .isEqualTo(
            """
            first fsync
            second fsync: Input/output error
            file 10 file
            uri true
            zipped
            walk 3
            resource true
            receipts 1
            """);
    assertThat(run.code()).isZero();
  }

  @Test
  void withoutRulesAllIsAsEver() throws Exception {
    Run run = run();
    assertThat(run.errors()).isEmpty();
    assertThat(run.output()).contains("second fsync\n").endsWith("receipts 0\n");
  }

  @Test
  void aBadFileOfRulesIsOneClearMessage() throws Exception {
    Run run = run(rules("[inject-error]\nevent = \"fsyncc\"\n"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).startsWith("faultdisk: -Dfaultdisk.rules: ").contains("rules.ini:2");
    assertThat(run.errors()).doesNotContain("\tat ");
  }

  @Test
  void aMissingFileOfRulesIsOneClearMessage() throws Exception {
    Run run = run("-Dfaultdisk.rules=" + directory.resolve("none.ini"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors())
        .isEqualTo(
            "faultdisk: -Dfaultdisk.rules: "
                + directory.resolve("none.ini")
                + ": there is no such file\n");
  }

  @Test
  void aDirectoryIsNoFileOfRules() throws Exception {
    Run run = run("-Dfaultdisk.rules=" + directory);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors())
        .isEqualTo(
            "faultdisk: -Dfaultdisk.rules: " + directory + ": cannot be read: Is a directory\n");
  }
}
