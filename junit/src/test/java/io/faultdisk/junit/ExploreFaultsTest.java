package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.explore.Case;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.DirectoryFactory;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that explore; each leaves its report where Maven keeps what it makes. */
class ExploreFaultsTest {
  private static final Path REPORTS = Path.of("target", "faultdisk");

  @BeforeEach
  @AfterEach
  void removeReports() throws IOException {
    if (Files.exists(REPORTS)) {
      try (Stream<Path> all = Files.walk(REPORTS)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  static final class InMemory implements DirectoryFactory {
    @Override
    public Path create() throws IOException {
      FileSystem files = Jimfs.newFileSystem(Configuration.unix());
      return Files.createDirectory(files.getPath("/test"));
    }

    @Override
    public void remove(Path directory) throws IOException {
      directory.getFileSystem().close();
    }
  }

  private static void check(Path directory, boolean completed) throws IOException {
    int found = Number.read(directory);
    if (found != 12345678 && (completed || found != 1)) {
      throw new AssertionError("found " + found + (completed ? " afterwards" : ""));
    }
  }

  @WithFaults(directories = InMemory.class)
  static class Careful {
    static int runs;

    @ExploreFaults
    void replaces(Attempt attempt) throws Exception {
      runs++;
      Number.replace(attempt.directory(), 1);
      boolean completed = attempt.run(directory -> Number.replace(directory, 12345678));
      attempt.recover(directory -> Number.read(directory));
      check(attempt.directory(), completed);
    }
  }

  @Test
  void oneTestTriesEverythingAndLeavesAReport() throws Exception {
    Careful.runs = 0;
    TestRun run = TestRun.of(Careful.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).containsExactly("replaces(Attempt): passed");
    Path report = REPORTS.resolve("ExploreFaultsTest.Careful.replaces");
    assertThat(Files.readString(report.resolve("results.json")))
        .contains("\"complete\": true", "\"failed\": 0", "recovery's request 1: EIO");
    assertThat(report.resolve("report.html")).isNotEmptyFile();
    assertThat(report.resolve("junit.xml")).isNotEmptyFile();
    assertThat(Careful.runs).isGreaterThan(100);
  }

  @WithFaults(directories = InMemory.class)
  static class Careless {
    @ExploreFaults(report = "target/faultdisk/mine")
    void overwrites(Attempt attempt) throws Exception {
      Number.replace(attempt.directory(), 1);
      check(attempt.directory(), attempt.run(directory -> Number.overwrite(directory, 12345678)));
    }
  }

  @Test
  void aFailureSaysWhatBrokeAndHowToRepeatIt() throws Exception {
    TestRun run = TestRun.of(Careless.class);
    assertThat(run.results()).containsExactly("overwrites(Attempt): failed");
    Throwable failure = run.failure();
    assertThat(failure.getSuppressed()).isEmpty();
    assertThat(failure)
        .hasMessageStartingWith("ExploreFaultsTest.Careless.overwrites\n")
        .hasMessageContaining("errors ")
        .hasMessageContaining("report:    target/faultdisk/mine/report.html\n")
        .hasMessageContaining(
            """
            the first of them:
              e0 write#1 number: EIO: failed
            """)
        .hasMessageContaining(
            "    to repeat it: mvn test"
                + " -Dtest='io.faultdisk.junit.ExploreFaultsTest$Careless#overwrites'"
                + " -Dfaultdisk.only='e0 write#1 number: EIO' -Dfaultdisk.seed=0x1");
    assertThat(ruleFiles(REPORTS.resolve("mine/repro")))
        .contains(
            """
            # e0 write#1 number: EIO
            # rules for files, to be added when the workload begins: faults.addText(...)
            [inject-error]
            event = "write"
            times = "1"
            errno = "EIO"
            """);
  }

  private static List<String> ruleFiles(Path directory) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(f -> f.endsWith("rules.conf")).toList()) {
        texts.add(Files.readString(file));
      }
    }
    return texts;
  }

  @Test
  void whatAFailureNamesRepeatsItAlone() {
    TestRun one =
        TestRun.of(
            Map.of("faultdisk.only", "e0 write#1 number: EIO sticky"), selectClass(Careless.class));
    assertThat(one.failure()).hasMessageContaining("e0 write#1 number: EIO sticky: failed");
    assertThat(one.failure()).hasMessageContaining("\n1 case in ");
    TestRun none =
        TestRun.of(Map.of("faultdisk.only", "write#1: EIO"), selectClass(Careless.class));
    assertThat(none.failure()).hasMessageContaining("there is no case 'write#1: EIO' among ");
  }

  @WithFaults(directories = InMemory.class)
  static class Dying {
    @ExploreFaults(
        families = Case.Family.ERRORS,
        errno = "EIO",
        failFlush = {})
    void dies(Attempt attempt) throws Exception {
      attempt.run(
          directory -> {
            try {
              Number.replace(directory, 12345678);
            } catch (IOException e) {
              throw new IllegalStateException("that cannot be");
            }
          });
    }
  }

  @Test
  void aProgramThatDiesHasCrashed() {
    assertThat(TestRun.of(Dying.class).failure())
        .hasMessageContaining("create#1 number.new: EIO: crashed")
        .hasMessageContaining("java.lang.IllegalStateException: that cannot be\n");
  }

  @WithFaults(directories = InMemory.class)
  static class Wrong {
    @ExploreFaults
    void failsAnyway(Attempt attempt) throws Exception {
      attempt.run(directory -> Number.replace(directory, 2));
      throw new AssertionError("no good");
    }

    @ExploreFaults
    void doesNothing(Attempt attempt) throws Exception {
      attempt.run(directory -> {});
    }

    @ExploreFaults
    void doesNotRun(Attempt attempt) {
      assertThat(attempt.directory()).isNotNull();
    }

    @ExploreFaults
    void takesAPath(@FaultDir Path directory) {
      assertThat(directory).isNotNull();
    }

    @ExploreFaults(errno = "EFOO")
    void namesNoError(Attempt attempt) throws Exception {
      attempt.run(directory -> Number.replace(directory, 2));
    }
  }

  @Test
  void mistakesAreNamed() {
    Map<String, Throwable> failures = TestRun.of(Wrong.class).failures();
    assertThat(failures.get("failsAnyway(Attempt)"))
        .hasMessageContaining("fails without any fault: no good");
    assertThat(failures.get("doesNothing(Attempt)")).hasMessageContaining("nowhere to fail");
    assertThat(failures.get("doesNotRun(Attempt)"))
        .hasMessageContaining("has not called attempt.run");
    assertThat(failures.get("takesAPath(Path)")).hasMessageContaining("one parameter, an Attempt");
    assertThat(failures.get("namesNoError(Attempt)"))
        .hasMessageContaining("@ExploreFaults: 'EFOO' is not an error");
    assertThat(List.copyOf(failures.keySet())).hasSize(5);
  }
}
