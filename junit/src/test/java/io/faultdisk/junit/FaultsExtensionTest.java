package io.faultdisk.junit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.MappedMemory;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.DirectoryFactory;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;

/** What a test gets, and what a failed one says. */
class FaultsExtensionTest {
  private static final FaultEvents FAULTS = FaultEvents.current();

  /** A program: appends and flushes. */
  static void append(Path file, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(file, CREATE, WRITE, APPEND)) {
      FAULTS.event("wal_append");
      channel.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
      channel.force(true);
    }
  }

  // ---- parameters

  @WithFaults
  static class Parameters {
    private Faults before;

    @BeforeEach
    void prepare(Faults faults, @FaultDir Path directory) throws IOException {
      before = faults;
      append(directory.resolve("a.wal"), "prepared");
    }

    @Test
    void all(Faults faults, FaultFileSystem files, @FaultDir Path directory, Seed seed)
        throws IOException {
      assertThat(faults).isSameAs(before).isSameAs(files.faults());
      assertThat(directory.getFileSystem()).isSameAs(files);
      assertThat(seed).isEqualTo(new Seed(1));
      assertThat(Files.readString(directory.resolve("a.wal"))).isEqualTo("prepared");
      faults.add(RuleBuilder.on("read").fail(Errno.EIO));
      assertThatThrownBy(() -> Files.readString(directory.resolve("a.wal")))
          .isInstanceOf(IOException.class);
    }

    @AfterEach
    void healthyAgain(Faults faults, @FaultDir Path directory) throws IOException {
      assertThat(faults).isSameAs(before);
      assertThat(Files.readString(directory.resolve("a.wal"))).isEqualTo("prepared");
    }
  }

  @Test
  void parametersAreOfTheTestAndItsLifecycleMethods() {
    TestRun run = TestRun.of(Parameters.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).containsExactly("all(Faults, FaultFileSystem, Path, Seed): passed");
  }

  static class OnlyADirectory {
    @Test
    void writes(@FaultDir Path directory) throws IOException {
      append(directory.resolve("file"), "x");
      assertThat(directory.getFileSystem()).isInstanceOf(FaultFileSystem.class);
    }
  }

  static class OnlyADirectoryBefore {
    @BeforeEach
    void prepare(@FaultDir Path directory) throws IOException {
      append(directory.resolve("file"), "x");
    }

    @Test
    void reads(@FaultDir Path directory) {
      assertThat(directory.resolve("file")).exists();
    }
  }

  @Test
  void aDirectoryNeedsNothingElse() {
    assertThat(TestRun.of(OnlyADirectory.class).failures()).isEmpty();
    assertThat(TestRun.of(OnlyADirectoryBefore.class).failures()).isEmpty();
  }

  @WithFaults
  static class Listening {
    private static final AtomicInteger HEARD = new AtomicInteger();
    private static final AtomicReference<Path> DIRECTORY = new AtomicReference<>();

    @Test
    void hears(Faults faults, FaultFileSystem files, @FaultDir Path directory) throws IOException {
      DIRECTORY.set(files.unwrap(directory));
      append(directory.resolve("file"), "x");
      faults.observe(observation -> HEARD.incrementAndGet());
      FAULTS.event("during");
    }
  }

  @Test
  void nothingIsLeftAfterTheTest() {
    TestRun run = TestRun.of(Listening.class);
    assertThat(run.failures()).isEmpty();
    FAULTS.event("after");
    assertThat(Listening.HEARD).hasValue(1);
    assertThat(Listening.DIRECTORY.get()).doesNotExist();
  }

  @ExtendWith(FaultsExtension.class)
  static class InConstructor {
    InConstructor(Faults faults) {}

    @Test
    void neverRuns() {}
  }

  @WithFaults
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class WrongParameters {
    @Test
    void attempt(Attempt attempt) {}

    @Test
    void directory(@FaultDir String directory) {}
  }

  @Test
  void parametersInTheWrongPlaceAreExplained() {
    assertThat(TestRun.of(InConstructor.class).failure())
        .hasRootCauseMessage(
            "Faults is made for each test: take it as a parameter of the test method, or of a"
                + " @BeforeEach or @AfterEach method");
    TestRun run = TestRun.of(WrongParameters.class);
    assertThat(run.failure("attempt(Attempt)"))
        .hasRootCauseMessage("an Attempt is for tests with @EveryFaultPoint or @EveryPowerCut");
    assertThat(run.failure("directory(String)"))
        .hasRootCauseMessage("@FaultDir is for a Path, not for a String");
  }

  static final class InMemory implements DirectoryFactory {
    @Override
    public Path create() throws IOException {
      return Files.createDirectory(Jimfs.newFileSystem(Configuration.unix()).getPath("/test"));
    }

    @Override
    public void remove(Path directory) throws IOException {
      directory.getFileSystem().close();
    }
  }

  @WithFaults(directories = InMemory.class, outOfSpaceAfter = 10)
  static class OnAnotherDisk {
    @Test
    void isFull(@FaultDir Path directory) throws IOException {
      assertThat(directory).hasToString("/test");
      append(directory.resolve("a"), "0123456789");
      assertThatThrownBy(() -> append(directory.resolve("a"), "x"))
          .isInstanceOf(IOException.class)
          .hasMessage("No space left on device");
    }

    @Test
    @WithFaults(quota = 5)
    void hasAQuota(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a"), "01234");
      assertThatThrownBy(() -> append(directory.resolve("a"), "x"))
          .isInstanceOf(IOException.class)
          .hasMessage("Disk quota exceeded");
    }
  }

  @WithFaults(mappedMemory = MappedMemory.REFUSE)
  static class WithoutMappedMemory {
    @Test
    void mapsNothing(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a"), "x");
      try (FileChannel channel = FileChannel.open(directory.resolve("a"))) {
        assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_ONLY, 0, 1))
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @Test
  void theDiskIsAsItsAnnotationSays() {
    TestRun run = TestRun.of(OnAnotherDisk.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).hasSize(2);
    assertThat(TestRun.of(WithoutMappedMemory.class).results())
        .containsExactly("mapsNothing(Path): passed");
  }

  static class NoSuchDisk {
    abstract static class Abstract implements DirectoryFactory {}

    @Test
    @WithFaults(directories = Abstract.class)
    void noConstructor() {}

    @Test
    @WithFaults(quota = -1)
    void negative() {}
  }

  @Test
  void disksThatCannotBeAreExplained() {
    TestRun run = TestRun.of(NoSuchDisk.class);
    assertThat(run.failure("noConstructor()"))
        .hasMessage(
            "@WithFaults: io.faultdisk.junit.FaultsExtensionTest$NoSuchDisk$Abstract cannot be"
                + " made: it has to be a class, static if nested, with a constructor without"
                + " parameters that does not fail");
    assertThat(run.failure("negative()"))
        .hasMessage("@WithFaults: quota and outOfSpaceAfter are bytes, at least 0");
  }

  @WithFaults
  static class OtherKindsOfTests {
    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void parameterized(String name, @FaultDir Path directory) throws IOException {
      append(directory.resolve(name), name);
      assertThat(directory.resolve(name.equals("a") ? "b" : "a")).doesNotExist();
    }

    @TestFactory
    Stream<DynamicTest> dynamic(@FaultDir Path directory) {
      return Stream.of("c", "d")
          .map(name -> DynamicTest.dynamicTest(name, () -> append(directory.resolve(name), name)));
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @FaultRules("[set-state]\nevent = \"wal_append\"\nnew_state = \"2\"\n")
    void inAThreadOfItsOwn(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a"), "heard");
    }
  }

  @Test
  void allKindsOfTestsHaveFaults() {
    TestRun run = TestRun.of(OtherKindsOfTests.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).hasSize(5).allMatch(result -> result.endsWith(": passed"));
  }

  // ---- rules

  @FaultRules(
      """
      [inject-error]
      event = "fsync"
      path = "*.wal"
      occurrence = "2"
      errno = "ENOSPC"
      """)
  static class Rules {
    @BeforeEach
    void prepare(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "prepared");
    }

    @Test
    void passes(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
      assertThatThrownBy(() -> append(directory.resolve("a.wal"), "2"))
          .hasMessage("No space left on device");
    }

    @Test
    void fails(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
      append(directory.resolve("a.wal"), "2");
    }

    @Test
    void differs(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
      assertEquals("2", Files.readString(directory.resolve("a.wal")));
    }

    @Test
    void doesTooLittle(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
    }

    @Test
    @MayStayUnfired
    void mayDoTooLittle(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
    }

    @Test
    void isAborted() {
      Assumptions.abort("not today");
    }

    @AfterEach
    void healthyAgain(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
      append(directory.resolve("a.wal"), "2");
    }
  }

  @Test
  void rulesAreForTheTestAndReportedWhenItFails() {
    TestRun run = TestRun.of(Rules.class);
    assertThat(run.results())
        .containsExactlyInAnyOrder(
            "passes(Path): passed",
            "fails(Path): failed",
            "differs(Path): failed",
            "doesTooLittle(Path): failed",
            "mayDoTooLittle(Path): passed",
            "isAborted(): aborted, not today");
    assertThat(run.aborted().get("isAborted()").getSuppressed()).isEmpty();
    assertThat(run.failure("fails(Path)")).hasMessage("No space left on device");
    assertThat(TestRun.report(run.failure("fails(Path)")))
        .isEqualTo(
            """
            faultdisk: FaultsExtensionTest.Rules.fails
              injected:
                epoch 2: fsync a.wal: fail with ENOSPC by FaultsExtensionTest.Rules:1
              the last 15 of 15 steps:
                1 [main] create a.wal
                2 [main] event wal_append
                3 [main] write a.wal 0+8
                4 [main] fsync a.wal
                5 [main] close a.wal
                6 [main] open a.wal
                7 [main] event wal_append
                8 [main] write a.wal 8+1
                9 [main] fsync a.wal
                10 [main] close a.wal
                11 [main] open a.wal
                12 [main] event wal_append
                13 [main] write a.wal 9+1
                14 [main] fsync a.wal: fail with ENOSPC by FaultsExtensionTest.Rules:1
                15 [main] close a.wal
              to repeat it: -Dfaultdisk.seed=0x1
              its rules:
                @FaultRules(""\"
                    [inject-error]
                    event = "fsync"
                    path = "*.wal"
                    occurrence = "2"
                    errno = "ENOSPC"
                    ""\")\
            """);
    assertThat(run.failure("differs(Path)"))
        .hasMessage("expected: <2> but was: <prepared1>")
        .hasSuppressedException(run.failure("differs(Path)").getSuppressed()[0]);
    assertThat(TestRun.report(run.failure("differs(Path)"))).contains("nothing was injected");
    assertThat(run.failure("doesTooLittle(Path)"))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            """
            1 of 1 rule did nothing. Does the test do what it is meant to?
              FaultsExtensionTest.Rules:1: [inject-error] event = "fsync" path = "*.wal" occurrence = "2" errno = "ENOSPC": fsync happened 2 times, but never as the rule wants it
            If a rule may do nothing, say so with @MayStayUnfired.\
            """);
    assertThat(TestRun.report(run.failure("doesTooLittle(Path)"))).contains("its rules:");
  }

  static class Expecting {
    @Test
    @MayStayUnfired
    @FaultRules("[drop-write]\nevent = \"write\"\nexpect-fired = \"on\"\n")
    @FaultRules("[inject-error]\nevent = \"rename\"\n")
    void writes(@FaultDir Path directory) throws IOException {
      append(directory.resolve("a.wal"), "1");
    }

    @Test
    @MayStayUnfired
    @FaultRules("[drop-write]\nevent = \"write\"\nexpect-fired = \"on\"\n")
    void doesNot() {}
  }

  @Test
  void anExpectedRuleMustFireInAnyCase() {
    TestRun run = TestRun.of(Expecting.class);
    assertThat(run.results())
        .containsExactlyInAnyOrder("writes(Path): passed", "doesNot(): failed");
    assertThat(run.failure("doesNot()"))
        .hasMessageContaining("expect-fired = \"on\": write never happened");
  }

  @FaultRules("[inject-error]\nevent = \"mkdir\"\n")
  static class Outer {
    @Nested
    @FaultRules(resource = "fsync-fails.conf")
    class Inner {
      @Test
      @FaultRules("[inject-error]\nevent = \"wal_append\"\niotype = \"write\"\nonce = \"on\"\n")
      @FaultRules("[set-state]\nevent = \"delete\"\nnew_state = \"2\"\n")
      void hasAllOfThem(Faults faults, @FaultDir Path directory) throws IOException {
        assertThat(faults.snapshot().rules())
            .extracting(status -> status.rule().source().toString())
            .containsExactly(
                "FaultsExtensionTest.Outer:1",
                "fsync-fails.conf:2",
                "FaultsExtensionTest.Outer.Inner.hasAllOfThem[1]:1",
                "FaultsExtensionTest.Outer.Inner.hasAllOfThem[2]:1");
        assertThatThrownBy(() -> Files.createDirectory(directory.resolve("d")))
            .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> append(directory.resolve("a"), "1"))
            .hasMessage("Input/output error");
        assertThatThrownBy(() -> append(directory.resolve("a"), "1"))
            .hasMessage("Input/output error");
        Files.delete(directory.resolve("a"));
      }
    }
  }

  @Test
  void nestedClassesHaveTheRulesOfTheOuterOnes() {
    TestRun run = TestRun.of(Outer.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).containsExactly("hasAllOfThem(Faults, Path): passed");
  }

  static class Mistakes {
    @Test
    @FaultRules("[inject-error]\nevent = \"fsinc\"\n")
    void mistyped() {}

    @Test
    @FaultRules
    void empty() {}

    @Test
    @FaultRules(resource = "missing.conf")
    void missing() {}

    @Test
    @FaultRules(resource = "wrong.conf")
    void wrong() {}
  }

  @Test
  void mistakesInRulesAreToldInWords() {
    TestRun run = TestRun.of(Mistakes.class);
    assertThat(run.failure("mistyped()"))
        .hasMessage(
            "FaultsExtensionTest.Mistakes.mistyped:2: invalid parameter value: fsinc\n"
                + "Did you mean 'fsync'? For an event of your own choose a name less like it, or"
                + " one with a dot.");
    assertThat(run.failure("mistyped()").getStackTrace())
        .extracting(StackTraceElement::toString)
        .containsExactly(
            "io.faultdisk.junit.FaultsExtensionTest$Mistakes.mistyped(Unknown Source)");
    assertThat(run.failure("empty()"))
        .hasMessage(
            "FaultsExtensionTest.Mistakes.empty: @FaultRules has either rules or resource ="
                + " \"...\", and not both");
    assertThat(run.failure("missing()"))
        .hasMessage(
            "there is no resource 'missing.conf' for FaultsExtensionTest.Mistakes\n"
                + "It is looked for in the package io.faultdisk.junit; a name that begins with a"
                + " slash, from the root of the class path.");
    assertThat(run.failure("wrong()")).hasMessageStartingWith("wrong.conf:3: ");
  }

  // ---- seeds

  @WithFaults
  static class Seeds {
    @Test
    @FaultSeed(42)
    void given(Seed seed) {
      throw new IllegalStateException(seed.toString());
    }

    @Test
    void fresh(Seed seed) {
      throw new IllegalStateException(seed.toString());
    }
  }

  @Test
  void aSeedIsFreshOrGivenOrRepeated() {
    TestRun run =
        TestRun.of(Map.of("faultdisk.seed", ""), DiscoverySelectors.selectClass(Seeds.class));
    assertThat(run.failure("given(Seed)")).hasMessage("0x2a");
    Throwable fresh = run.failure("fresh(Seed)");
    assertThat(TestRun.report(fresh))
        .contains("to repeat it: -Dfaultdisk.seed=" + fresh.getMessage());
    TestRun again =
        TestRun.of(
            Map.of("faultdisk.seed", fresh.getMessage()),
            DiscoverySelectors.selectClass(Seeds.class));
    assertThat(again.failures().values())
        .extracting(Throwable::getMessage)
        .isEqualTo(List.of(fresh.getMessage(), fresh.getMessage()));
    TestRun wrong =
        TestRun.of(Map.of("faultdisk.seed", "one"), DiscoverySelectors.selectClass(Seeds.class));
    assertThat(wrong.failure("fresh(Seed)"))
        .hasMessage(
            "faultdisk.seed: 'one' is not a seed\n"
                + "A seed is a number of up to 64 bits, decimal or 0x hexadecimal.");
  }
}
