package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.ResultDirectory.Mode;
import io.faultdisk.testkit.RandomCases;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultDirectoryTest {
  private static final Explorer.Settings SETTINGS = new Explorer.Settings(2, Shard.ALL, 50_000);

  @TempDir Path scratch;

  private static Results explore(Path to, Mode mode, Subject subject, Shard shard)
      throws Exception {
    try (ResultDirectory directory = new ResultDirectory(to, shard, mode)) {
      return new Explorer(subject, FakeSubject.everything(), SETTINGS.withShard(shard))
          .run(directory);
    }
  }

  @Test
  void whatIsReadIsWhatWasFound() throws Exception {
    Path to = scratch.resolve("a/b");
    Results found = explore(to, Mode.NEW, FakeSubject.usual(), Shard.ALL);
    ResultPart read = ResultDirectory.read(to);
    assertThat(read.results()).isEqualTo(found);
    assertThat(read.shard()).isEqualTo(Shard.ALL);
    assertThat(found.failures()).isNotEmpty();
  }

  @Test
  void anInterruptedRunResumedIsAWholeOne() throws Exception {
    Results whole = explore(scratch.resolve("whole"), Mode.NEW, FakeSubject.usual(), Shard.ALL);
    Path to = scratch.resolve("parts");
    AtomicReference<Explorer> explorer = new AtomicReference<>();
    AtomicInteger ran = new AtomicInteger();
    FakeSubject stops =
        new FakeSubject(
            FakeSubject.recording(12),
            what -> {
              if (ran.incrementAndGet() == 9) {
                explorer.get().stop();
              }
              return FakeSubject.outcome(what);
            });
    try (ResultDirectory directory = new ResultDirectory(to, Shard.ALL, Mode.NEW)) {
      explorer.set(new Explorer(stops, FakeSubject.everything(), SETTINGS));
      assertThat(explorer.get().run(directory).isComplete()).isFalse();
    }
    // Killed in the middle of a line.
    Files.writeString(
        to.resolve("cases.jsonl"), "{\"index\": 60, \"fam", StandardOpenOption.APPEND);
    FakeSubject rest = FakeSubject.usual();
    Results resumed = explore(to, Mode.RESUME, rest, Shard.ALL);
    assertThat(resumed).isEqualTo(whole);
    assertThat(rest.ran).hasSizeBetween(1, whole.cases().size() - 9);
    assertThat(ResultDirectory.read(to).results()).isEqualTo(whole);
  }

  @Test
  void resultsThatAreThereAreNotTouchedWithoutResume() throws Exception {
    explore(scratch, Mode.NEW, FakeSubject.usual(), Shard.ALL);
    byte[] before = Files.readAllBytes(scratch.resolve("cases.jsonl"));
    UsageException refused =
        catchThrowableOfType(
            UsageException.class, () -> explore(scratch, Mode.NEW, FakeSubject.usual(), Shard.ALL));
    assertThat(refused)
        .hasMessageStartingWith(scratch + " has results already: ")
        .hasMessageEndingWith(" cases");
    assertThat(refused.hints()).singleElement().asString().contains("--resume");
    assertThat(Files.readAllBytes(scratch.resolve("cases.jsonl"))).isEqualTo(before);
  }

  @Test
  void resumingSomethingElseSaysWhatDiffers() throws Exception {
    explore(scratch, Mode.NEW, FakeSubject.usual(), Shard.ALL);
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(
            () -> explore(scratch, Mode.RESUME, FakeSubject.usual().named("other"), Shard.ALL))
        .withMessageContaining("subject: 'other' here, 'a fake' there");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(
            () ->
                explore(
                    scratch,
                    Mode.RESUME,
                    new FakeSubject(FakeSubject.recording(8), FakeSubject::outcome),
                    Shard.ALL))
        .withMessageContaining("recording: 'digest-8' here, 'digest-12' there");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> explore(scratch, Mode.RESUME, FakeSubject.usual(), new Shard(2, 4)))
        .withMessageContaining("of shard 1/1, not 2/4");
  }

  @Test
  void oneExplorationAtATime() throws Exception {
    Results some = FakeSubject.results(FakeSubject.recording(4), FakeSubject.plan(), o -> o);
    try (ResultDirectory one = new ResultDirectory(scratch, Shard.ALL, Mode.NEW);
        ResultDirectory two = new ResultDirectory(scratch, Shard.ALL, Mode.RESUME)) {
      one.open(some.heading(), List.of());
      assertThatExceptionOfType(UsageException.class)
          .isThrownBy(() -> two.open(some.heading(), List.of()))
          .withMessageStartingWith("another exploration is writing to ");
    }
  }

  @Test
  void aCaseIsKeptBeforeTheNextOneIsTried() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    FakeSubject looks =
        new FakeSubject(
            FakeSubject.recording(4),
            what -> {
              try {
                long lines = Files.lines(scratch.resolve("cases.jsonl")).count();
                // The heading and every case but this one.
                assertThat(lines).isEqualTo(1 + seen.getAndIncrement());
                return new Outcome(Verdict.OK, "", List.of());
              } catch (java.io.IOException e) {
                return new Outcome(Verdict.FAILED, e.toString(), List.of());
              }
            });
    try (ResultDirectory directory = new ResultDirectory(scratch, Shard.ALL, Mode.NEW)) {
      Results results =
          new Explorer(looks, FakeSubject.plan(), SETTINGS.withWorkers(1)).run(directory);
      assertThat(results.failures()).isEmpty();
    }
  }

  @Test
  void nothingToReadAndNowhereToWriteAreSaidInOneLine() throws Exception {
    Path file = Files.writeString(scratch.resolve("file"), "x");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> ResultDirectory.read(scratch.resolve("none")))
        .withMessageStartingWith("there are no results in ");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> explore(file, Mode.NEW, FakeSubject.usual(), Shard.ALL))
        .withMessage(file + " is not a directory");
  }

  @Test
  void aFullDiskEndsTheRunAndKeepsWhatWasFound() throws Exception {
    Results whole = explore(scratch.resolve("whole"), Mode.NEW, FakeSubject.usual(), Shard.ALL);
    Configuration small =
        Configuration.unix().toBuilder().setBlockSize(512).setMaxSize(12 << 10).build();
    try (FileSystem disk = Jimfs.newFileSystem(small)) {
      Path to = disk.getPath("/results");
      UsageException full =
          catchThrowableOfType(
              UsageException.class, () -> explore(to, Mode.NEW, FakeSubject.usual(), Shard.ALL));
      assertThat(full).hasMessageStartingWith("cannot write results to /results: ");
      assertThat(full.hints()).singleElement().asString().contains("--resume");

      assertThat(ResultDirectory.read(to).results().cases())
          .hasSizeBetween(5, 69)
          .isSubsetOf(whole.cases());
      // Then there is room.
      Path large = Files.createDirectory(scratch.resolve("large"));
      Files.copy(to.resolve("cases.jsonl"), large.resolve("cases.jsonl"));
      assertThat(explore(large, Mode.RESUME, FakeSubject.usual(), Shard.ALL)).isEqualTo(whole);
    }
  }

  @Test
  void aDamagedLineIsNamed() throws Exception {
    explore(scratch, Mode.NEW, FakeSubject.usual(), Shard.ALL);
    Path file = scratch.resolve("cases.jsonl");
    List<String> lines = Files.readAllLines(file);
    for (String bad :
        List.of(
            "",
            "[]",
            "{\"index\": 3}",
            lines.get(2),
            lines.get(1).replace("\"index\": ", "\"index\": 9"),
            lines.get(1).replace("\"index\": ", "\"index\": -1"),
            lines.get(1).replaceFirst("\"family\": \"\\w+\"", "\"family\": \"zoo\""))) {
      List<String> changed = new ArrayList<>(lines);
      changed.set(1, bad);
      Files.write(file, changed);
      assertThatExceptionOfType(UsageException.class)
          .as(bad)
          .isThrownBy(() -> ResultDirectory.read(scratch))
          .withMessageMatching("(?s).*cases.jsonl, line [23].* is damaged: .*");
    }
  }

  @Test
  void aFileNameThatLeadsElsewhereIsDamage() throws Exception {
    explore(scratch, Mode.NEW, FakeSubject.usual(), Shard.ALL);
    Path file = scratch.resolve("cases.jsonl");
    String text = Files.readString(file);
    for (String name : List.of("../../evil", "/etc/x", ".profile", "command.sh", "")) {
      Files.writeString(file, text.replace("\"rules.conf\": ", "\"" + name + "\": "));
      assertThatExceptionOfType(UsageException.class)
          .as(name)
          .isThrownBy(() -> ResultDirectory.read(scratch))
          .withMessageEndingWith("a file of a reproducer cannot be named '" + name + "'");
    }
  }

  /** Any results, cut at any byte, come back without the last line that is not whole. */
  @Test
  void anyCutLeavesAllWholeLines() {
    AtomicInteger run = new AtomicInteger();
    RandomCases.run(
        "results through a directory",
        100,
        random -> {
          Path to = scratch.resolve("r" + run.incrementAndGet());
          Results results = randomResults(random);
          List<CaseResult> shuffled = new ArrayList<>(results.cases());
          Collections.shuffle(shuffled, new java.util.Random(random.nextLong()));
          try (ResultDirectory directory = new ResultDirectory(to, Shard.ALL, Mode.NEW)) {
            ResultSink.Opened opened = directory.open(results.heading(), results.timeline());
            for (CaseResult result : shuffled) {
              opened.found(result);
            }
          }
          assertThat(ResultDirectory.read(to).results()).isEqualTo(results);

          Path file = to.resolve("cases.jsonl");
          byte[] content = Files.readAllBytes(file);
          int headingEnd = new String(content, StandardCharsets.ISO_8859_1).indexOf('\n');
          int cut = random.nextInt(headingEnd + 1, content.length + 1);
          Files.write(file, Arrays.copyOf(content, cut));
          long whole = 0;
          for (int i = headingEnd + 1; i < cut; i++) {
            whole += content[i] == '\n' ? 1 : 0;
          }
          assertThat(ResultDirectory.read(to).results().cases()).hasSize((int) whole);
          try (ResultDirectory directory = new ResultDirectory(to, Shard.ALL, Mode.RESUME)) {
            ResultSink.Opened opened = directory.open(results.heading(), results.timeline());
            assertThat(opened.done()).hasSize((int) whole);
            for (CaseResult result : shuffled.subList((int) whole, shuffled.size())) {
              opened.found(result);
            }
          }
          assertThat(ResultDirectory.read(to).results()).isEqualTo(results);
        });
  }

  static Results randomResults(RandomGenerator random) {
    int cases = random.nextInt(1, 20);
    List<CaseResult> results = new ArrayList<>();
    for (int i = 0; i < cases; i++) {
      Optional<Reproducer> again =
          random.nextBoolean()
              ? Optional.empty()
              : Optional.of(
                  new Reproducer(
                      Map.of("a.conf", text(random), "b", text(random)),
                      text(random),
                      random.nextBoolean() ? Optional.empty() : Optional.of(text(random))));
      results.add(
          new CaseResult(
              i,
              Case.Family.values()[random.nextInt(4)],
              text(random),
              random.nextBoolean()
                  ? Optional.empty()
                  : Optional.of(new FaultPoint(i + 1, random.nextLong(9), "p" + text(random))),
              new Outcome(
                  Verdict.values()[random.nextInt(5)],
                  text(random),
                  List.of(text(random), text(random)),
                  again)));
    }
    TreeMap<String, Long> events = new TreeMap<>();
    events.put(text(random), random.nextLong(100));
    List<TimelineEntry> timeline =
        List.of(
            TimelineEntry.event(0, "e" + text(random)),
            TimelineEntry.request(
                random.nextLong(5), text(random), random.nextLong(1L << 50), 512));
    return new Results(
        new Heading(
            text(random), text(random), text(random), cases, 3, 4, random.nextInt(5), events),
        results,
        timeline);
  }

  /** Whatever may be in a text: quotes, line breaks, markup, control characters, any letters. */
  static String text(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(4)) {
        case 0 -> text.append("\"'\\\n\r\t<>&]\0".charAt(random.nextInt(11)));
        case 1 -> text.append((char) random.nextInt(32));
        case 2 -> text.appendCodePoint(random.nextInt(0x1F300, 0x1F400));
        default -> text.append((char) random.nextInt('a', 'z'));
      }
    }
    return text.toString();
  }
}
