package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import io.faultdisk.events.FaultEvents;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.rules.FailFlush;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which invocations there are, what they are called, and what a failed one says. */
class EveryFaultPointTest {

  /** What must hold in each attempt to replace 1 by 2. */
  private static void check(Attempt attempt, boolean completed) throws IOException {
    int found = Number.read(attempt.directory());
    if (found != 2 && (completed || found != 1)) {
      throw new AssertionError("found " + found);
    }
  }

  static class Careful {
    private int invocations;

    @BeforeEach
    void prepare(@FaultDir Path directory) throws IOException {
      assertThat(++invocations).isEqualTo(1);
      Number.replace(directory, 1);
    }

    @EveryFaultPoint(errno = {"EIO", "ENOSPC"})
    void replaces(Attempt attempt) throws Exception {
      check(attempt, attempt.run(directory -> Number.replace(directory, 2)));
    }

    @AfterEach
    void healthyAgain(@FaultDir Path directory) throws IOException {
      Number.replace(directory, 3);
      assertThat(Number.read(directory)).isEqualTo(3);
    }
  }

  @Test
  void oneInvocationForEachPointAndError() {
    assertThat(TestRun.of(Careful.class).results())
        .containsExactly(
            "clean run: passed",
            "create#1 number.new: EIO: passed",
            "create#1 number.new: ENOSPC: passed",
            "write#1 number.new: EIO: passed",
            "write#1 number.new: ENOSPC: passed",
            "fsync#1 number.new: EIO: passed",
            "fsync#1 number.new: ENOSPC: passed",
            "rename#1 number.new -> number: EIO: passed",
            "rename#1 number.new -> number: ENOSPC: passed",
            "open#1 .: EIO: passed",
            "fsync#2 .: EIO: passed",
            "fsync#2 .: ENOSPC: passed");
  }

  static class Careless {
    @EveryFaultPoint
    void overwrites(Attempt attempt) throws Exception {
      Number.replace(attempt.directory(), 1);
      check(attempt, attempt.run(directory -> Number.overwrite(directory, 2)));
    }
  }

  @Test
  void aFailedInvocationNamesItsFaultAndHowToRepeatIt() {
    TestRun run = TestRun.of(Careless.class);
    assertThat(run.results())
        .containsExactly(
            "clean run: passed",
            "open#1 number: EIO: passed",
            "truncate#1 number: EIO: passed",
            "write#1 number: EIO: failed",
            "fsync#1 number: EIO: passed");
    Throwable failure = run.failure("write#1 number: EIO");
    assertThat(failure).isInstanceOf(NumberFormatException.class);
    assertThat(TestRun.report(failure))
        .isEqualTo(
            """
            faultdisk: EveryFaultPointTest.Careless.overwrites, write#1 number: EIO
              injected:
                epoch 2: write number 0+1: fail with EIO by program
              the last 16 of 16 steps:
                1 [main] create number.new
                2 [main] write number.new 0+1
                3 [main] fsync number.new
                4 [main] close number.new
                5 [main] rename number.new -> number
                6 [main] open .
                7 [main] fsync .
                8 [main] close .
                9 [main] open number
                10 [main] truncate number
                11 [main] write number 0+1: fail with EIO by program
                12 [main] close number
                13 [main] stat number
                14 [main] open number
                15 [main] read number 0+1
                16 [main] close number
              to repeat it: -Dfaultdisk.only='write#1: EIO' -Dfaultdisk.seed=0x1
              the fault, for a test of its own, to be added before the workload:
                faults.addText(""\"
                    [inject-error]
                    event = "write"
                    times = "1"
                    errno = "EIO"
                    ""\");\
            """);
  }

  @Test
  void oneInvocationIsRepeatedByItsName() {
    TestRun run = TestRun.of(Map.of("faultdisk.only", "write#1: EIO"), selectClass(Careless.class));
    assertThat(run.results()).containsExactly("clean run: passed", "write#1 number: EIO: failed");
    TestRun wrong =
        TestRun.of(Map.of("faultdisk.only", "write#7: EIO"), selectClass(Careless.class));
    assertThat(wrong.results()).containsExactly("clean run: failed");
    assertThat(wrong.failure())
        .hasMessage(
            "there is no 'write#7: EIO' here, but 'open#1: EIO', 'truncate#1: EIO', 'write#1: EIO',"
                + " ...");
  }

  @Test
  void oneInvocationByItsNumberSaysWhatElseToDo() {
    String template =
        "[engine:junit-jupiter]/[class:"
            + Careless.class.getName()
            + "]/[test-template:overwrites(io.faultdisk.nio.explore.Attempt)]";
    TestRun run =
        TestRun.of(
            Map.of(),
            selectUniqueId(template + "/[test-template-invocation:#4]"),
            selectUniqueId(template + "/[test-template-invocation:#5]"));
    assertThat(run.results()).containsExactly("unknown: failed");
    assertThat(run.failure())
        .hasMessage(
            "the clean run was not run, so that the fault points are not known: run the whole"
                + " method, or one with -Dfaultdisk.only='NAME' or only = \"NAME\"");
  }

  static class CannotBeMade {
    CannotBeMade() {
      throw new IllegalStateException("not today");
    }

    @EveryFaultPoint
    void neverRuns(Attempt attempt) {}
  }

  static class CannotBePrepared {
    @BeforeEach
    void prepare() {
      throw new IllegalStateException("not today");
    }

    @EveryFaultPoint
    void neverRuns(Attempt attempt) {}
  }

  @Test
  void withoutACleanRunThereIsNothingElse() {
    for (Class<?> type : List.of(CannotBeMade.class, CannotBePrepared.class)) {
      TestRun run = TestRun.of(type);
      assertThat(run.results()).containsExactly("clean run: failed");
      assertThat(run.failure()).hasMessage("not today");
    }
  }

  static class Choices {
    private static final FaultEvents FAULTS = FaultEvents.current();

    private void replace(Attempt attempt) throws Exception {
      Number.replace(attempt.directory(), 1);
      boolean completed =
          attempt.run(
              directory -> {
                FAULTS.check("commit");
                Files.exists(directory.resolve("other"));
                Number.replace(directory, 2);
              });
      check(attempt, completed);
    }

    @EveryFaultPoint(
        events = {"fsync", "commit"},
        excludePaths = "*.new")
    void some(Attempt attempt) throws Exception {
      replace(attempt);
    }

    @EveryFaultPoint(errno = "ENOSPC", events = "stat", sticky = true)
    void unlikely(Attempt attempt) throws Exception {
      replace(attempt);
    }

    @EveryFaultPoint(
        errno = {},
        shortTransfers = true,
        failFlush = FailFlush.Mode.KEEP)
    void others(Attempt attempt) throws Exception {
      replace(attempt);
    }

    @EveryFaultPoint(max = 3, paths = "*.new")
    void few(Attempt attempt) throws Exception {
      replace(attempt);
    }

    @EveryFaultPoint(only = "rename#1: EIO")
    void one(Attempt attempt) throws Exception {
      replace(attempt);
    }
  }

  @Test
  void theAnnotationChooses() {
    assertThat(of(Choices.class, "some"))
        .containsExactly("clean run: passed", "commit#1: EIO: passed", "fsync#2 .: EIO: passed");
    assertThat(of(Choices.class, "unlikely"))
        .containsExactly("clean run: passed", "stat#1 other: ENOSPC from then on: passed");
    assertThat(of(Choices.class, "others"))
        .containsExactly(
            "clean run: passed",
            "write#1 number.new: short: passed",
            "fsync#1 number.new: flush keep: passed",
            "fsync#2 .: flush keep: passed");
    assertThat(of(Choices.class, "few"))
        .containsExactly(
            "clean run: passed",
            "commit#1: EIO: passed",
            "create#1 number.new: EIO: passed",
            "fsync#1 number.new: EIO: passed",
            "2 more were left out by max: skipped, 2 more were left out by max");
    assertThat(of(Choices.class, "one"))
        .containsExactly("clean run: passed", "rename#1 number.new -> number: EIO: passed");
  }

  private static List<String> of(Class<?> type, String method) {
    return TestRun.of(Map.of(), selectMethod(type, method, Attempt.class.getName())).results();
  }

  static class Unsteady {
    private static final AtomicInteger RUNS = new AtomicInteger();

    @EveryFaultPoint(events = {"write", "fsync"})
    void shrinks(Attempt attempt) throws Exception {
      int runs = RUNS.incrementAndGet();
      attempt.run(
          directory -> {
            for (int i = runs; i <= 2; i++) {
              Number.replace(directory, i);
            }
          });
    }
  }

  static class Lenient {
    private static final AtomicInteger RUNS = new AtomicInteger();

    @EveryFaultPoint(events = "rename", mayMiss = true)
    void shrinks(Attempt attempt) throws Exception {
      int runs = RUNS.incrementAndGet();
      attempt.run(
          directory -> {
            for (int i = runs; i <= 2; i++) {
              Number.replace(directory, i);
            }
          });
    }
  }

  @Test
  void aPointThatIsNotReachedAgainIsAFailure() {
    Unsteady.RUNS.set(0);
    TestRun run = TestRun.of(Unsteady.class);
    assertThat(run.results())
        .containsExactly(
            "clean run: passed",
            "write#1 number.new: EIO: passed",
            "fsync#1 number.new: EIO: failed",
            "fsync#2 .: EIO: failed",
            "write#2 number.new: EIO: failed",
            "fsync#3 number.new: EIO: failed",
            "fsync#4 .: EIO: failed");
    assertThat(run.failure("fsync#3 number.new: EIO"))
        .hasMessage(
            "not deterministic: fsync#3 number.new was not reached. This time there were 0 of"
                + " fsync, in the clean run at least 3. Take time, randomness and threads out of"
                + " the workload, or allow points to be missed (mayMiss)");
    assertThat(TestRun.report(run.failure("fsync#3 number.new: EIO")))
        .contains("nothing was injected");

    Lenient.RUNS.set(0);
    assertThat(TestRun.of(Lenient.class).results())
        .containsExactly(
            "clean run: passed",
            "rename#1 number.new -> number: EIO: passed",
            "rename#2 number.new -> number: EIO: aborted, not deterministic: rename#2 number.new"
                + " -> number was not reached. This time there were 0 of rename, in the clean run"
                + " at least 2");
  }

  static class Wrong {
    @EveryFaultPoint
    void withoutAttempt() {}

    @EveryFaultPoint
    void withoutRun(Attempt attempt) {}

    @EveryFaultPoint
    void withoutFiles(Attempt attempt) throws Exception {
      attempt.run(directory -> {});
    }

    @EveryFaultPoint(events = "rename")
    void withoutPoints(Attempt attempt) throws Exception {
      attempt.run(directory -> Number.overwrite(directory, 1));
    }

    @EveryFaultPoint
    void runsTwice(Attempt attempt) throws Exception {
      attempt.run(directory -> {});
      attempt.run(directory -> {});
    }

    @EveryFaultPoint
    void failsAnyway(Attempt attempt) throws Exception {
      attempt.run(
          directory -> {
            throw new IOException("as ever");
          });
    }

    @EveryFaultPoint(errno = "EFOO")
    void unknownError(Attempt attempt) {}

    @EveryFaultPoint(events = "fsinc")
    void unknownEvent(Attempt attempt) {}

    @EveryFaultPoint(events = "fdatasync")
    void narrowEvent(Attempt attempt) {}

    @EveryFaultPoint(paths = "{a")
    void noGlob(Attempt attempt) {}

    @EveryFaultPoint(max = 0)
    void nothingAtAll(Attempt attempt) {}

    @EveryFaultPoint(errno = {})
    void noErrors(Attempt attempt) {}

    @EveryFaultPoint
    @EveryPowerCut
    void both(Attempt attempt) {}

    @EveryPowerCut(blockBytes = 100)
    void blocks(Attempt attempt) {}
  }

  @Test
  void mistakesAreToldInWords() {
    TestRun run = TestRun.of(Wrong.class);
    Map<String, String> messages = new TreeMap<>();
    for (String method :
        List.of(
            "withoutAttempt",
            "withoutRun",
            "withoutFiles",
            "withoutPoints",
            "runsTwice",
            "failsAnyway",
            "unknownError",
            "unknownEvent",
            "narrowEvent",
            "noGlob",
            "nothingAtAll",
            "noErrors",
            "both",
            "blocks")) {
      TestRun one =
          TestRun.of(
              Map.of(),
              selectMethod(
                  Wrong.class,
                  method,
                  method.equals("withoutAttempt") ? "" : Attempt.class.getName()));
      messages.put(method, one.failure().getMessage());
    }
    assertThat(run.failures()).hasSizeGreaterThanOrEqualTo(9);
    assertThat(messages)
        .containsEntry(
            "withoutAttempt",
            "the test needs a parameter of type Attempt, and calls attempt.run(directory -> ...)"
                + " with what is to fail")
        .containsEntry(
            "withoutRun",
            "the test has not called attempt.run(directory -> ...): nothing can go wrong outside"
                + " it")
        .containsEntry(
            "withoutFiles",
            "there is nowhere to fail: the workload did nothing to the files in the directory that"
                + " it was given")
        .containsEntry(
            "withoutPoints",
            "there is nowhere to fail: the workload did close, create, fsync, write, and none of it"
                + " is in the plan")
        .containsEntry("runsTwice", "run is called once in each attempt")
        .containsEntry("failsAnyway", "as ever")
        .containsEntry(
            "unknownError",
            "@EveryFaultPoint: 'EFOO' is not an error\n"
                + "Errors have the names of Linux, such as EIO, ENOSPC or EACCES.")
        .containsEntry(
            "unknownEvent",
            "@EveryFaultPoint: 'fsinc' is not an event. Did you mean 'fsync'? For an event of your"
                + " own choose a name less like it, or one with a dot.")
        .containsEntry(
            "narrowEvent",
            "@EveryFaultPoint: 'fdatasync' is no point of its own: 'fsync' means both")
        .containsEntry("noGlob", "@EveryFaultPoint: '{a' is not a path pattern: '{' is not closed")
        .containsEntry("nothingAtAll", "@EveryFaultPoint: max (0) must be at least 1")
        .containsEntry(
            "noErrors",
            "@EveryFaultPoint: nothing is to go wrong: give it errno, failFlush or shortTransfers")
        .containsEntry(
            "both",
            "@EveryFaultPoint and @EveryPowerCut are for one method each: let two methods call the"
                + " same code")
        .containsEntry(
            "blocks", "@EveryPowerCut: blockBytes (100) must be a power of two from 1 to 4096");
  }

  static class Strict {
    @EveryFaultPoint(events = "fsync")
    void giveUpByNullPointer(Attempt attempt) throws Exception {
      attempt.run(
          directory -> {
            try {
              Number.overwrite(directory, 1);
            } catch (IOException e) {
              throw new NullPointerException("later");
            }
          });
    }

    @EveryFaultPoint(events = "fsync")
    void giveUpByAssertion(Attempt attempt) throws Exception {
      attempt.run(
          directory -> {
            try {
              Number.overwrite(directory, 1);
            } catch (IOException e) {
              throw new AssertionError("must not happen", e);
            }
          });
    }

    @EveryFaultPoint(events = "fsync")
    void giveUpProperly(Attempt attempt) throws Exception {
      boolean completed =
          attempt.run(
              directory -> {
                try {
                  Number.overwrite(directory, 1);
                } catch (IOException e) {
                  throw new IllegalStateException("the store is closed", e);
                }
              });
      assertThat(completed).isEqualTo(attempt.point().isEmpty());
      assertThat(attempt.failure().map(Throwable::getMessage))
          .isEqualTo(attempt.point().map(point -> "the store is closed"));
    }
  }

  @Test
  void onlyWhatMayComeFromTheFaultIsHeldBack() {
    TestRun run = TestRun.of(Strict.class);
    assertThat(run.results()).filteredOn(name -> name.endsWith("passed")).hasSize(4);
    assertThat(of(Strict.class, "giveUpByNullPointer"))
        .containsExactly("clean run: passed", "fsync#1 number: EIO: failed");
    assertThat(of(Strict.class, "giveUpByAssertion"))
        .containsExactly("clean run: passed", "fsync#1 number: EIO: failed");
    assertThat(of(Strict.class, "giveUpProperly"))
        .containsExactly("clean run: passed", "fsync#1 number: EIO: passed");
  }

  static class Concurrent {
    @Execution(ExecutionMode.CONCURRENT)
    @EveryFaultPoint
    void refused(Attempt attempt) {}

    @Nested
    class Inside {
      @EveryFaultPoint(events = "fsync")
      void oneAfterTheOther(Attempt attempt) throws Exception {
        Number.replace(attempt.directory(), 1);
        check(attempt, attempt.run(directory -> Number.replace(directory, 2)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FORK_JOIN_POOL", "WORKER_THREAD_POOL"})
  void invocationsAreNotConcurrentEvenIfAllElseIs(String executor) {
    TestRun run = TestRun.of(ParallelTest.parallel(executor), selectClass(Concurrent.class));
    assertThat(run.results())
        .filteredOn(result -> !result.equals("refused(Attempt): failed"))
        .containsExactly(
            "clean run: passed", "fsync#1 number.new: EIO: passed", "fsync#2 .: EIO: passed");
    assertThat(run.failure("refused(Attempt)"))
        .hasMessage(
            "the invocations run one after the other, since the first finds the points for the"
                + " others: remove @Execution(CONCURRENT) from the method");
  }
}
