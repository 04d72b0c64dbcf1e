package io.faultdisk.cli.demo.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo of H2; with H2 itself if Maven has it. */
@Timeout(180)
final class H2DemoTest {
  @TempDir Path temp;

  private record Run(int exit, String out, String err) {}

  private Run run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console("faultdisk", new Stdio(InputStream.nullInputStream(), out, err, false), true);
    String[] all = new String[words.length + 2];
    System.arraycopy(words, 0, all, 0, words.length);
    all[words.length] = "--report";
    all[words.length + 1] = temp.resolve("out").toString();
    int exit = new CommandLine(new H2Demo(console)).execute(all);
    console.flush();
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aStoreThatBelievesTheSecondFlushFailsAtTheThird() throws Exception {
    Run run = run("--part", "store");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .startsWith("a store of twenty lines: ")
        .contains(
            """
              e2 fsync#3 store: flush drop: 'one' was promised, and is gone
            """)
        .contains(
            """
              the rule:
                [fail-flush]
                event = "fsync"
                occurrence = "3"
                mode = "drop"
                errno = "EIO"
              reproduce: faultdisk demo h2 --part store --only 'e2 fsync#3 store: flush drop'
            """);
    assertThat(temp.resolve("out/store/report.html")).isNotEmptyFile();
    Run again = run("--part", "store", "--only", "e2 fsync#3 store: flush drop");
    assertThat(again.out()).contains(": 1 cases in ").contains("'one' was promised, and is gone");
    Run other = run("--part", "store", "--only", "e2 fsync#3 store: flush keep");
    assertThat(other.out()).contains("failures: 0");
    assertThat(run("--part", "store", "--only", "x").exit()).isEqualTo(1);
  }

  @Test
  void withoutTheJarItSaysHowToGetIt() {
    Run run = run("--jar", temp.resolve("none.jar").toString());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("no such file: " + temp.resolve("none.jar"))
        .contains("mvn dependency:get -Dartifact=com.h2database:h2:2.4.240");
  }

  @Test
  void theNewestJarIsTaken() throws Exception {
    assertThat(H2Demo.newest(temp)).isEmpty();
    for (String version : new String[] {"2.3.232", "2.4.240", "2.5.1"}) {
      Path directory = temp.resolve("com/h2database/h2").resolve(version);
      Files.createDirectories(directory);
      if (!version.equals("2.5.1")) {
        Files.createFile(directory.resolve("h2-" + version + ".jar"));
      }
    }
    assertThat(H2Demo.newest(temp))
        .hasValueSatisfying(jar -> assertThat(jar).hasFileName("h2-2.4.240.jar"));
  }

  @Test
  void everyOperationOfH2FailsInTurn() throws Exception {
    Optional<Path> jar =
        H2Demo.newest(Path.of(System.getProperty("user.home"), ".m2", "repository"));
    if (jar.isEmpty()) {
      System.out.println("skipped: H2 is not in ~/.m2");
    }
    assumeTrue(jar.isPresent());
    Run run = run("--part", "h2", "--jar", jar.get().toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .startsWith("java -Djava.nio.file.spi.DefaultFileSystemProvider=")
        .contains("H2, unmodified\n")
        .containsPattern("errors +1\\d\\d")
        .contains("report:    " + temp.resolve("out/h2/report.html"));
    assertThat(temp.resolve("out/h2/report.html")).isNotEmptyFile();
  }
}
