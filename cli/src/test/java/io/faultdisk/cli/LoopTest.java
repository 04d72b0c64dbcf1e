package io.faultdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What runs when, and what is said when nothing can run any more. */
@Timeout(120)
final class LoopTest {
  private final List<String> log = new ArrayList<>();
  private String suspended = "";
  private final Loop loop = new Loop(() -> suspended);

  @AfterEach
  void giveUpWhatIsLeft() {
    loop.close();
  }

  /** A condition that somebody sets, and the thread that waits for it. */
  private final class Gate {
    private boolean open;
    private Thread waiter;

    void await() {
      waiter = Thread.currentThread();
      loop.await(() -> open);
    }

    void open() {
      open = true;
      loop.signal(waiter);
    }
  }

  /**
   * A request that logs its name and its number between its waits, and a report that logs it in
   * brackets.
   */
  private void start(String name, int passes) {
    loop.start(
        () -> {
          log.add(name + 0);
          for (int i = 1; i <= passes; i++) {
            loop.pass();
            log.add(name + i);
          }
        },
        () -> log.add("[" + name + "]"));
  }

  private void startAtGate(String name, Gate gate) {
    loop.start(
        () -> {
          log.add(name + 0);
          gate.await();
          log.add(name + 1);
        },
        () -> log.add("[" + name + "]"));
  }

  @Test
  void withoutRequestsPassReturnsAtOnce() {
    loop.pass();
    loop.drain();
    assertThat(loop.runOnce()).isFalse();
    assertThat(loop.isBusy()).isFalse();
  }

  private void startSleeping(String name, long nanos) {
    loop.start(
        () -> {
          log.add(name + 0);
          loop.sleep(nanos);
          log.add(name + 1);
        },
        () -> log.add("[" + name + "]"));
  }

  @Test
  void sleepersGoOnInTheOrderOfTheirTimesAndOthersMeanwhile() {
    startSleeping("late", 1_000_000_000);
    startSleeping("early", 20_000_000);
    start("a", 2);
    loop.drain();
    assertThat(log)
        .containsExactly(
            "late0", "early0", "a0", "a1", "a2", "[a]", "early1", "[early]", "late1", "[late]");
  }

  @Test
  void othersGoOnWhileTheMainThreadSleeps() {
    start("a", 2);
    startSleeping("b", 0);
    loop.sleep(20_000_000);
    log.add("main");
    loop.drain();
    assertThat(log).containsExactly("a0", "b0", "a1", "a2", "[a]", "b1", "[b]", "main");
  }

  @Test
  void aRequestRunsUntilItFirstWaits() {
    start("a", 1);
    log.add("main");
    loop.drain();
    assertThat(log).containsExactly("a0", "main", "a1", "[a]");
  }

  @Test
  void requestsRunOnVirtualThreadsAndReportsOnTheMainThread() {
    List<Thread> threads = new ArrayList<>();
    loop.start(
        () -> threads.add(Thread.currentThread()), () -> threads.add(Thread.currentThread()));
    loop.drain();
    assertThat(threads.get(0).isVirtual()).isTrue();
    assertThat(threads.get(1)).isSameAs(Thread.currentThread());
  }

  @Test
  void aReportComesOnlyWhenTheMainThreadWaits() {
    start("a", 0);
    assertThat(log).containsExactly("a0");
    assertThat(loop.isBusy()).isTrue();
    loop.drain();
    assertThat(log).containsExactly("a0", "[a]");
    assertThat(loop.isBusy()).isFalse();
  }

  @Test
  void reportsOfRequestsThatNeverWaitedComeNewestFirst() {
    start("a", 0);
    start("b", 0);
    start("c", 0);
    loop.drain();
    assertThat(log).containsExactly("a0", "b0", "c0", "[c]", "[b]", "[a]");
  }

  @Test
  void requestsThatPassedGoOnInTheirOrder() {
    start("a", 1);
    start("b", 1);
    start("c", 1);
    loop.drain();
    assertThat(log).containsExactly("a0", "b0", "c0", "a1", "[a]", "b1", "[b]", "c1", "[c]");
  }

  @Test
  void requestsThatPassedStandWhereTheFirstOfThemPassed() {
    start("a", 1);
    start("x", 0);
    start("b", 1);
    start("y", 0);
    loop.drain();
    assertThat(log.subList(4, log.size())).containsExactly("[y]", "[x]", "a1", "[a]", "b1", "[b]");
  }

  @Test
  void whatBecomesReadyInABatchBelongsToTheNext() {
    start("a", 2);
    start("b", 1);
    log.clear();
    loop.runOnce();
    assertThat(log).containsExactly("a1", "b1", "[b]");
    loop.runOnce();
    assertThat(log).containsExactly("a1", "b1", "[b]", "a2", "[a]");
    assertThat(loop.runOnce()).isFalse();
  }

  @Test
  void theMainThreadWaitsAtTheEndOfTheQueueLikeAnybody() {
    start("a", 2);
    start("b", 1);
    log.clear();
    loop.pass();
    log.add("main");
    loop.drain();
    assertThat(log).containsExactly("a1", "b1", "[b]", "main", "a2", "[a]");
  }

  @Test
  void aSynchronousRequestLetsTheRestOfItsBatchRunBeforeItReturns() {
    start("x", 0);
    start("a", 1);
    log.clear();
    loop.beginSynchronous();
    loop.pass();
    log.add("main");
    assertThat(loop.endSynchronous()).isTrue();
    log.add("returned");
    assertThat(log).containsExactly("a1", "[a]", "main", "[x]", "returned");
  }

  @Test
  void aSynchronousRequestThatDoesNotWaitLetsNobodyRun() {
    start("x", 0);
    log.clear();
    loop.beginSynchronous();
    assertThat(loop.endSynchronous()).isFalse();
    assertThat(log).isEmpty();
  }

  @Test
  void aCommandWakesARequestAtOnce() {
    Gate gate = new Gate();
    startAtGate("a", gate);
    log.add("main");
    gate.open();
    log.add("woken");
    assertThat(log).containsExactly("a0", "main", "a1", "[a]", "woken");
  }

  @Test
  void aSynchronousRequestWakesOthersWhenItWaits() {
    Gate gate = new Gate();
    startAtGate("a", gate);
    loop.beginSynchronous();
    gate.open();
    log.add("woken");
    loop.pass();
    log.add("passed");
    loop.endSynchronous();
    assertThat(log).containsExactly("a0", "woken", "a1", "[a]", "passed");
  }

  @Test
  void aSynchronousRequestWakesOthersWhenItEnds() {
    Gate gate = new Gate();
    startAtGate("a", gate);
    loop.beginSynchronous();
    gate.open();
    log.add("woken");
    loop.endSynchronous();
    log.add("ended");
    assertThat(log).containsExactly("a0", "woken", "a1", "[a]", "ended");
  }

  @Test
  void aRequestWakesOthersWhenItWaitsBeforeTheQueueGoesOn() {
    Gate gate = new Gate();
    startAtGate("a", gate);
    loop.start(
        () -> {
          loop.pass();
          gate.open();
          log.add("b");
          loop.pass();
          log.add("b again");
        },
        () -> log.add("[b]"));
    start("c", 1);
    log.clear();
    loop.drain();
    assertThat(log).containsExactly("b", "a1", "[a]", "c1", "[c]", "b again", "[b]");
  }

  @Test
  void theConditionIsLookedAtAgainAfterEachSignal() {
    int[] count = new int[1];
    Thread[] waiter = new Thread[1];
    loop.start(
        () -> {
          waiter[0] = Thread.currentThread();
          loop.await(() -> count[0] == 2);
        },
        () -> log.add("[a]"));
    count[0] = 1;
    loop.signal(waiter[0]);
    assertThat(log).isEmpty();
    count[0] = 2;
    loop.signal(waiter[0]);
    assertThat(log).containsExactly("[a]");
  }

  @Test
  void aSignalForSomebodyWhoDoesNotWaitDoesNothing() {
    loop.signal(Thread.currentThread());
    Thread[] request = new Thread[1];
    loop.start(
        () -> {
          request[0] = Thread.currentThread();
          loop.pass();
          log.add("a1");
        },
        () -> log.add("[a]"));
    loop.signal(request[0]); // stands in the queue, not at a gate
    assertThat(log).isEmpty();
    loop.drain();
    loop.signal(request[0]);
    assertThat(log).containsExactly("a1", "[a]");
  }

  @Test
  void awaitReturnsAtOnceIfTheConditionHolds() {
    loop.await(() -> true);
    loop.start(() -> loop.await(() -> true), () -> log.add("[a]"));
    loop.drain();
    assertThat(log).containsExactly("[a]");
  }

  @Test
  void theMainThreadCanWaitForARequest() {
    boolean[] done = new boolean[1];
    loop.start(
        () -> {
          loop.pass();
          loop.pass();
          done[0] = true;
        },
        () -> log.add("[a]"));
    loop.await(() -> done[0]);
    assertThat(done[0]).isTrue();
  }

  @Test
  void runUntilLooksAtTheConditionAfterEachBatch() {
    start("a", 3);
    loop.runUntil(() -> log.contains("a2"), "for a2");
    assertThat(log).containsExactly("a0", "a1", "a2");
  }

  @Test
  void waitingWithNobodyRunningIsStuck() {
    assertThatThrownBy(() -> loop.runUntil(() -> false, "for a bus"))
        .isInstanceOf(Loop.Stuck.class)
        .hasMessage("would wait for ever for a bus: no request is running");
  }

  @Test
  void waitingForASuspendedRequestIsStuckAndNamesItsTag() {
    startAtGate("a", new Gate());
    suspended = "'A'";
    assertThatThrownBy(loop::drain)
        .isInstanceOf(Loop.Stuck.class)
        .hasMessageContaining("'A' is suspended at a breakpoint")
        .hasMessageContaining("resume it first");
  }

  @Test
  void aSynchronousRequestThatStopsItselfIsStuck() {
    suspended = "'A'";
    loop.beginSynchronous();
    assertThatThrownBy(() -> loop.await(() -> false)).isInstanceOf(Loop.Stuck.class);
    loop.endSynchronous();
  }

  @Test
  void stuckOnlyAfterEverybodyElseHasRun() {
    startAtGate("a", new Gate());
    start("b", 2);
    assertThatThrownBy(loop::drain).isInstanceOf(Loop.Stuck.class);
    assertThat(log).contains("b2", "[b]");
  }

  @Test
  void whoIsStuckCanBeResumedLater() {
    Gate gate = new Gate();
    startAtGate("a", gate);
    assertThatThrownBy(loop::drain).isInstanceOf(Loop.Stuck.class);
    gate.open();
    loop.drain();
    assertThat(log).containsExactly("a0", "a1", "[a]");
  }

  @Test
  void closeUnwindsWhatWaitsAndReportsNothing() {
    Gate gate = new Gate();
    loop.start(
        () -> {
          try {
            gate.await();
            log.add("went on");
          } finally {
            log.add("unwound");
          }
        },
        () -> log.add("[a]"));
    loop.start(
        () -> {
          try {
            loop.pass();
            log.add("went on");
          } finally {
            log.add("unwound too");
          }
        },
        () -> log.add("[b]"));
    start("c", 0);
    log.clear();
    loop.close();
    assertThat(log).containsExactly("unwound", "unwound too");
    assertThat(loop.isBusy()).isFalse();
    loop.close();
  }

  @Test
  void aRequestThatIsGivenUpCannotWaitAgain() {
    Gate gate = new Gate();
    loop.start(
        () -> {
          try {
            gate.await();
          } finally {
            loop.pass();
            log.add("waited again");
          }
        },
        () -> log.add("[a]"));
    loop.close();
    assertThat(log).isEmpty();
  }

  @Test
  void aBrokenRequestIsNoticed() {
    assertThatThrownBy(
            () ->
                loop.start(
                    () -> {
                      throw new IllegalStateException("a bug");
                    },
                    () -> log.add("[a]")))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("a bug");
    assertThat(log).isEmpty();
  }

  @Test
  void anInterruptIsKept() {
    start("a", 2);
    Thread.currentThread().interrupt();
    loop.drain();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(log).endsWith("[a]");
  }

  /** The same random programs of waiting, waking and reporting, twice: the logs are equal. */
  @Test
  void theSameProgramGivesTheSameOrder() {
    RandomCases.run(
        "same order",
        200,
        random -> {
          long seed = random.nextLong();
          assertThat(program(seed)).isEqualTo(program(seed));
        });
  }

  private static List<String> program(long seed) {
    RandomGenerator random = new java.util.Random(seed);
    List<String> log = new ArrayList<>();
    List<Thread> waiting = new ArrayList<>();
    List<int[]> gates = new ArrayList<>();
    try (Loop loop = new Loop(() -> "")) {
      for (int i = 0; i < 12; i++) {
        int id = i;
        int[] steps = random.ints(random.nextInt(5), 0, 3).toArray();
        loop.start(
            () -> {
              for (int step : steps) {
                log.add("r" + id);
                switch (step) {
                  case 0 -> loop.pass();
                  case 1 -> {
                    int[] gate = new int[1];
                    waiting.add(Thread.currentThread());
                    gates.add(gate);
                    loop.await(() -> gate[0] > 0);
                  }
                  default -> wakeFirst(loop, waiting, gates);
                }
              }
            },
            () -> log.add("[" + id + "]"));
        switch (random.nextInt(4)) {
          case 0 -> loop.pass();
          case 1 -> loop.runOnce();
          case 2 -> wakeFirst(loop, waiting, gates);
          default -> log.add("main");
        }
      }
      while (loop.isBusy()) {
        if (!loop.runOnce()) {
          wakeFirst(loop, waiting, gates);
        }
      }
    }
    return log;
  }

  private static void wakeFirst(Loop loop, List<Thread> waiting, List<int[]> gates) {
    if (!waiting.isEmpty()) {
      gates.remove(0)[0]++;
      loop.signal(waiting.remove(0));
    }
  }

  @Test
  void aPartRunsUntilItFirstWaitsAndThenItsRequestGoesOn() {
    loop.start(
        () -> {
          log.add("request");
          Gate both = new Gate();
          int[] left = {2};
          for (String name : List.of("a", "b")) {
            loop.start(
                () -> {
                  log.add(name + 0);
                  loop.pass();
                  log.add(name + 1);
                  if (--left[0] == 0) {
                    both.open();
                  }
                });
            log.add("after " + name);
          }
          both.await();
          log.add("done");
        },
        () -> log.add("[request]"));
    log.add("main");
    loop.drain();
    assertThat(log)
        .containsExactly(
            "request", "a0", "after a", "b0", "after b", "main", "a1", "b1", "done", "[request]");
  }

  @Test
  void theMainThreadCanHavePartsOfItsOwn() {
    loop.beginSynchronous();
    boolean[] done = {false};
    Thread main = Thread.currentThread();
    loop.start(
        () -> {
          log.add("part 0");
          loop.pass();
          log.add("part 1");
          done[0] = true;
          loop.signal(main);
        });
    log.add("main");
    loop.await(() -> done[0]);
    log.add("end");
    loop.endSynchronous();
    assertThat(log).containsExactly("part 0", "main", "part 1", "end");
  }
}
