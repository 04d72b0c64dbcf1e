package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two tests with different rules, 1000 rounds of each at once: neither notices the other. */
class ParallelTest {
  private static final int ROUNDS = 1000;

  /** Everything at once, by one of JUnit's ways to do it; JUnit 5 has the first only. */
  static Map<String, String> parallel(String executor) {
    return Map.of(
        "junit.jupiter.execution.parallel.enabled",
        "true",
        "junit.jupiter.execution.parallel.mode.default",
        "concurrent",
        "junit.jupiter.execution.parallel.config.strategy",
        "fixed",
        "junit.jupiter.execution.parallel.config.fixed.parallelism",
        "4",
        "junit.jupiter.execution.parallel.config.executor-service",
        executor);
  }

  @WithFaults
  static class Both {
    private static final FaultEvents FAULTS = FaultEvents.current();
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final AtomicInteger MOST = new AtomicInteger();

    @RepeatedTest(ROUNDS)
    @FaultRules(
        "[inject-error]\nevent = \"mkdir\"\n[set-state]\nevent = \"one\"\nnew_state = \"2\"\n")
    void one(Faults faults, @FaultDir Path directory) throws Exception {
      MOST.accumulateAndGet(RUNNING.incrementAndGet(), Math::max);
      FAULTS.event("one");
      Files.createFile(directory.resolve("file"));
      assertThatThrownBy(() -> Files.createDirectory(directory.resolve("d")))
          .hasMessageEndingWith("Input/output error");
      assertThat(faults.receipts()).hasSize(1);
      assertThat(faults.state()).isEqualTo(2);
      RUNNING.decrementAndGet();
    }

    @RepeatedTest(ROUNDS)
    @FaultRules("[inject-error]\nevent = \"create\"\nerrno = \"ENOSPC\"\n")
    @FaultRules("[set-state]\nevent = \"other\"\nnew_state = \"3\"\n")
    void other(Faults faults, @FaultDir Path directory) throws Exception {
      MOST.accumulateAndGet(RUNNING.incrementAndGet(), Math::max);
      FAULTS.event("other");
      Files.createDirectory(directory.resolve("d"));
      assertThatThrownBy(() -> Files.createFile(directory.resolve("file")))
          .hasMessageEndingWith("No space left on device");
      assertThat(faults.receipts()).hasSize(1);
      assertThat(faults.state()).isEqualTo(3);
      RUNNING.decrementAndGet();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FORK_JOIN_POOL", "WORKER_THREAD_POOL"})
  void testsAtTheSameTimeHaveTheirOwnFaults(String executor) {
    Both.MOST.set(0);
    TestRun run = TestRun.of(parallel(executor), selectClass(Both.class));
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).hasSize(2 * ROUNDS).allMatch(result -> result.endsWith(": passed"));
    assertThat(Both.MOST.get()).isGreaterThan(1);
  }
}
