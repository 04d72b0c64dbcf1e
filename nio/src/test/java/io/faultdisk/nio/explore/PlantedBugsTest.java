package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.Merge;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.explore.ResultDirectory;
import io.faultdisk.explore.ResultPart;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Shard;
import io.faultdisk.explore.Verdict;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.nio.explore.ToyLog.Bug;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The explorer finds each mistake in {@link ToyLog}, where it is, and no other. */
@Timeout(300)
class PlantedBugsTest {
  private static final List<String> RECORDS = List.of("one", "two", "three", "four");
  private static final Explorer.Settings SETTINGS = new Explorer.Settings(2, Shard.ALL, 120_000);
  private static final ExplorationPlan PLAN =
      new ExplorationPlan(
          EnumSet.allOf(Case.Family.class),
          List.of(Errno.EIO, Errno.ENOSPC),
          true,
          true,
          60,
          24,
          40,
          Integer.MAX_VALUE,
          new Seed(5));

  @TempDir Path temp;

  /** A memory file system for each attempt. */
  private static final class InMemory implements DirectoryFactory {
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

  private static DiskSettings disk(Durability durability) {
    return DiskSettings.DEFAULT.withDirectories(new InMemory()).withPowerLoss(durability);
  }

  private static void workload(Path directory, Promises promises, Bug bug) throws IOException {
    try (ToyLog log = new ToyLog(directory, bug)) {
      for (int i = 0; i < RECORDS.size(); i++) {
        if (i == 2) {
          log.rewrite();
        }
        log.append(RECORDS.get(i));
        promises.made(RECORDS.get(i));
      }
    }
  }

  private static void check(Path directory, List<String> promised, Bug bug) throws IOException {
    try (ToyLog log = new ToyLog(directory, bug)) {
      List<String> found = log.records();
      assertThat(RECORDS.subList(0, found.size())).isEqualTo(found);
      assertThat(found).as("promised").containsAll(promised);
    }
  }

  private static FileSubject subject(Bug bug, Durability durability) {
    return FileSubject.of(
            "toy log, " + bug,
            (directory, promises) -> workload(directory, promises, bug),
            (directory, promised) -> check(directory, promised, bug))
        .on(disk(durability))
        .only(Optional.empty());
  }

  private static Results explore(Bug bug, Durability durability) throws Exception {
    return new Explorer(subject(bug, durability), PLAN, SETTINGS).run(ResultSink.none());
  }

  private static Set<Case.Family> familiesOf(List<CaseResult> failures) {
    return failures.stream()
        .map(CaseResult::family)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Case.Family.class)));
  }

  private static List<String> ids(List<CaseResult> cases, Case.Family family) {
    return cases.stream().filter(c -> c.family() == family).map(CaseResult::id).toList();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void theLogWithoutMistakesHasNoFailure(Durability durability) throws Exception {
    Results results = explore(Bug.NONE, durability);
    assertThat(results.failures()).isEmpty();
    assertThat(results.isComplete()).isTrue();
    for (Case.Family family : Case.Family.values()) {
      assertThat(results.cases())
          .filteredOn(c -> c.family() == family && c.verdict() == Verdict.OK)
          .as(family.word())
          .isNotEmpty();
    }
    // A run without chance comes to all of its points.
    assertThat(results.cases())
        .filteredOn(c -> c.verdict() == Verdict.MISSED)
        .extracting(CaseResult::family)
        .isSubsetOf(Case.Family.PAIRS);
    assertThat(results.heading().statesSaved()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "NO_FSYNC, POSIX",
    "NO_FSYNC, JOURNALED",
    "RENAME_BEFORE_FSYNC, POSIX",
    "RENAME_BEFORE_FSYNC, JOURNALED",
    "NO_DIRECTORY_FSYNC, POSIX"
  })
  void aPowerCutFindsWhatIsNotDurable(Bug bug, Durability durability) throws Exception {
    Results results = explore(bug, durability);
    List<CaseResult> failures = results.failures();
    assertThat(ids(failures, Case.Family.CRASHES)).isNotEmpty();
    // An error alone does no harm; one that comes with a power cut may.
    assertThat(ids(failures, Case.Family.ERRORS)).allMatch(id -> id.contains("flush "));
    assertThat(ids(failures, Case.Family.RANDOM)).isEmpty();
    replayEach(failures, bug, durability);
  }

  /** There a new name is durable with the first fsync of anything. */
  @Test
  void aJournalForgivesAMissingFsyncOfTheDirectory() throws Exception {
    assertThat(explore(Bug.NO_DIRECTORY_FSYNC, Durability.JOURNALED).failures()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void anIgnoredShortWriteIsFoundAmongTheErrors(Durability durability) throws Exception {
    Results results = explore(Bug.SHORT_WRITE_IGNORED, durability);
    List<CaseResult> failures = results.failures();
    assertThat(familiesOf(failures)).containsExactly(Case.Family.ERRORS);
    assertThat(ids(failures, Case.Family.ERRORS))
        .isNotEmpty()
        .allMatch(id -> id.contains(" write#") && id.contains(": short"));
    assertThat(failures)
        .extracting(failure -> failure.outcome().reproducer().orElseThrow().files())
        .contains(
            Map.of(
                "rules.conf",
                """
                # e7 write#6 log: short
                # rules for files, to be added when the workload begins: faults.addText(...)
                [short-transfer]
                event = "write"
                occurrence = "6"
                """));
    replayEach(failures, Bug.SHORT_WRITE_IGNORED, durability);
  }

  /** Does by hand what reproducers say, with nothing of the explorer: it fails, each time. */
  private static void replayEach(List<CaseResult> failures, Bug bug, Durability durability)
      throws Exception {
    int step = Math.max(1, failures.size() / 40);
    for (int i = 0; i < failures.size(); i += step) {
      CaseResult failure = failures.get(i);
      Reproducer again = failure.outcome().reproducer().orElseThrow();
      assertThatThrownBy(() -> replay(again, bug, durability))
          .as(failure.id())
          .isInstanceOfAny(AssertionError.class, IOException.class);
      assertThat(again.command())
          .contains(
              "-Dfaultdisk.only='" + failure.id().replace("'", "'\\''") + "' -Dfaultdisk.seed=0x5");
    }
    replay(new Reproducer(Map.of("rules.conf", ""), "", Optional.empty()), bug, durability);
  }

  private static void replay(Reproducer again, Bug bug, Durability durability) throws Exception {
    String rules = again.files().get("rules.conf");
    Promises promises = new Promises();
    try (TestDisk disk = TestDisk.open(disk(durability))) {
      disk.faults().addText(rules);
      try {
        workload(disk.directory(), promises, bug);
      } catch (IOException e) {
        assertThat(disk.faults().receipts()).isNotEmpty();
      }
      disk.faults().clear();
      Optional<PowerCut> cut = cut(rules);
      if (cut.isPresent()) {
        disk.reboot(cut.get());
      }
      if (again.files().containsKey("recovery.conf")) {
        disk.faults().addText(again.files().get("recovery.conf"));
        try {
          check(disk.directory(), promises.made(), bug);
        } catch (IOException | AssertionError e) {
          assertThat(disk.faults().receipts()).isNotEmpty();
        }
        disk.faults().clear();
      }
      check(disk.directory(), promises.made(), bug);
    }
  }

  private static Optional<PowerCut> cut(String rules) {
    Matcher found =
        Pattern.compile("files\\.cutPower\\(PowerCut\\.(\\w+)\\((?:(\\w+?)L?)?(?:, 512)?\\)\\)")
            .matcher(rules);
    if (!found.find()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (found.group(1)) {
          case "dropAll" -> PowerCut.dropAll();
          case "keepAll" -> PowerCut.keepAll();
          case "prefix" -> PowerCut.prefix(Long.decode(found.group(2)));
          case "subset" -> PowerCut.subset(Long.decode(found.group(2)));
          case "torn" -> PowerCut.torn(Long.decode(found.group(2)), 512);
          default -> throw new AssertionError(found.group());
        });
  }

  @Test
  void theSameSeedGivesTheSameResults() throws Exception {
    Results once = explore(Bug.RENAME_BEFORE_FSYNC, Durability.POSIX);
    assertThat(explore(Bug.RENAME_BEFORE_FSYNC, Durability.POSIX)).isEqualTo(once);
    assertThat(once.failures()).isNotEmpty();
  }

  @Test
  void fourShardsTogetherAreTheWhole() throws Exception {
    Results whole = explore(Bug.NO_DIRECTORY_FSYNC, Durability.POSIX);
    List<ResultPart> parts = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      Shard shard = new Shard(i, 4);
      Path directory = temp.resolve("shard" + i);
      try (ResultDirectory sink = new ResultDirectory(directory, shard, ResultDirectory.Mode.NEW)) {
        new Explorer(
                subject(Bug.NO_DIRECTORY_FSYNC, Durability.POSIX), PLAN, SETTINGS.withShard(shard))
            .run(sink);
      }
      parts.add(ResultDirectory.read(directory));
    }
    assertThat(Merge.of(parts).results()).isEqualTo(whole);
  }

  /** Nothing that is left out would have been another result. */
  @Test
  void statesOfEqualContentHaveEqualVerdicts() throws Exception {
    FileSubject subject = subject(Bug.RENAME_BEFORE_FSYNC, Durability.POSIX);
    FileSubject each =
        FileSubject.of(
                "toy log",
                attempt -> {
                  Promises promises = new Promises();
                  attempt.run(directory -> workload(directory, promises, Bug.RENAME_BEFORE_FSYNC));
                  check(attempt.directory(), promises.made(), Bug.RENAME_BEFORE_FSYNC);
                })
            .on(disk(Durability.POSIX))
            .only(Optional.empty());
    ExplorationPlan crashes = PLAN.withFamilies(EnumSet.of(Case.Family.CRASHES));
    Results few = new Explorer(subject, crashes, SETTINGS).run(ResultSink.none());
    Results many = new Explorer(each, crashes, SETTINGS).run(ResultSink.none());
    assertThat(many.cases()).hasSizeGreaterThan(few.cases().size());
    assertThat(reasons(many)).isEqualTo(reasons(few)).isNotEmpty();
  }

  private static Set<String> reasons(Results results) {
    Set<String> reasons = new TreeSet<>();
    results.failures().forEach(failure -> reasons.add(failure.outcome().reason()));
    return reasons;
  }

  @Test
  void anExplorationEndsInReports() throws Exception {
    Path directory = temp.resolve("report");
    try (ResultDirectory sink =
        new ResultDirectory(directory, Shard.ALL, ResultDirectory.Mode.NEW)) {
      Results results =
          new Explorer(subject(Bug.NO_FSYNC, Durability.POSIX), PLAN, SETTINGS).run(sink);
      new ReportWriter().write(directory, results);
    }
    assertThat(Files.readString(directory.resolve("report.html")))
        .contains("class=\"op flush\"", "fsync log", "write log of ");
    assertThat(directory.resolve("junit.xml")).isNotEmptyFile();
    assertThat(directory.resolve("repro")).isNotEmptyDirectory();
  }
}
