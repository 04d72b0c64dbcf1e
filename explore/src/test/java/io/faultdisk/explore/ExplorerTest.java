package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExplorerTest {
  private static final Explorer.Settings SETTINGS =
      new Explorer.Settings(2, Shard.ALL, TimeUnit.SECONDS.toMillis(50));

  private static final Outcome FINE = new Outcome(Verdict.OK, "", List.of());

  private static Results explore(FakeSubject subject, Explorer.Settings settings, ResultSink sink)
      throws Exception {
    return new Explorer(subject, FakeSubject.plan(), settings).run(sink);
  }

  @Test
  void triesEachCaseOnceWhateverTheWorkers() throws Exception {
    Results expected = FakeSubject.results(FakeSubject.recording(12), FakeSubject.plan(), o -> o);
    for (int workers : new int[] {1, 2, 7, 100}) {
      FakeSubject subject = FakeSubject.usual();
      Results results = explore(subject, SETTINGS.withWorkers(workers), ResultSink.none());
      assertThat(results).isEqualTo(expected);
      assertThat(results.isComplete()).isTrue();
      assertThat(subject.ran).hasSize(54).doesNotHaveDuplicates();
    }
    assertThat(expected.failures()).isNotEmpty().hasSizeLessThan(54);
  }

  @Test
  void casesRunBesideEachOther() throws Exception {
    // Each case waits for another one: with one at a time none would ever end.
    CyclicBarrier pair = new CyclicBarrier(2);
    FakeSubject subject =
        new FakeSubject(
            FakeSubject.recording(12),
            what -> {
              try {
                pair.await(40, TimeUnit.SECONDS);
                return FINE;
              } catch (java.util.concurrent.BrokenBarrierException
                  | java.util.concurrent.TimeoutException e) {
                return new Outcome(Verdict.FAILED, "alone", List.of());
              }
            });
    assertThat(explore(subject, SETTINGS, ResultSink.none()).failures()).isEmpty();
  }

  @Test
  void aCaseThatDoesNotEndHasHungAndSaysWhereWhileTheOthersGoOn() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    FakeSubject subject =
        new FakeSubject(
            FakeSubject.recording(4),
            what -> {
              if (what.id().equals("e0 pwritev#2 write: EIO")) {
                hangHere(never);
              }
              return FINE;
            });
    Results results = explore(subject, SETTINGS.withTimeLimitMillis(1000), ResultSink.none());
    assertThat(results.isComplete()).isTrue();
    // On a busy machine others may be late, too: only this one must be.
    assertThat(results.cases())
        .filteredOn(result -> result.id().equals("e0 pwritev#2 write: EIO"))
        .singleElement()
        .satisfies(
            hung -> {
              assertThat(hung.verdict()).isEqualTo(Verdict.HUNG);
              assertThat(hung.outcome().reason())
                  .startsWith("not done after 1000 ms\n  at ")
                  .contains("CountDownLatch");
            });
  }

  private static void hangHere(CountDownLatch never) throws InterruptedException {
    never.await();
  }

  @Test
  void whatIsThrownIsACrashOfTheProgramAndNotOurs() throws Exception {
    FakeSubject subject =
        new FakeSubject(
            FakeSubject.recording(4),
            what -> {
              if (what.id().endsWith("write: EIO")) {
                throw new IllegalStateException("lost my mind");
              }
              if (what.id().endsWith("flush: EIO")) {
                throw new StackOverflowError();
              }
              return FINE;
            });
    Results results = explore(subject, SETTINGS, ResultSink.none());
    assertThat(results.isComplete()).isTrue();
    assertThat(results.counts()).containsEntry(Verdict.CRASHED, 4);
    assertThat(results.failures().get(0).outcome().reason())
        .startsWith("java.lang.IllegalStateException: lost my mind\n  at io.faultdisk.explore.");
  }

  @Test
  void stopLetsTheCasesAtWorkEndAndKeepsThem() throws Exception {
    AtomicReference<Explorer> explorer = new AtomicReference<>();
    AtomicInteger begun = new AtomicInteger();
    FakeSubject subject =
        new FakeSubject(
            FakeSubject.recording(12),
            what -> {
              if (begun.incrementAndGet() == 5) {
                explorer.get().stop();
              }
              return FINE;
            });
    explorer.set(new Explorer(subject, FakeSubject.plan(), SETTINGS.withWorkers(1)));
    Results results = explorer.get().run(ResultSink.none());
    assertThat(results.isComplete()).isFalse();
    assertThat(results.cases()).extracting(CaseResult::index).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void whatTheSinkHasIsNotTriedAgain() throws Exception {
    Results all = FakeSubject.results(FakeSubject.recording(12), FakeSubject.plan(), o -> o);
    Map<Integer, CaseResult> before = new TreeMap<>();
    all.cases().stream().filter(r -> r.index() % 3 != 0).forEach(r -> before.put(r.index(), r));
    FakeSubject subject = FakeSubject.usual();
    AtomicReference<String> began = new AtomicReference<>();
    ResultSink sink =
        (heading, timeline) ->
            new ResultSink.Opened() {
              @Override
              public Map<Integer, CaseResult> done() {
                return before;
              }

              @Override
              public void begins(int cases, int left) {
                began.set(cases + " " + left);
              }

              @Override
              public void found(CaseResult result) {}
            };
    assertThat(explore(subject, SETTINGS, sink)).isEqualTo(all);
    assertThat(began.get()).isEqualTo("54 18");
    assertThat(subject.ran).hasSize(18);
  }

  @Test
  void aSinkThatCannotKeepMoreEndsTheExploration() {
    FakeSubject subject = FakeSubject.usual();
    AtomicBoolean full = new AtomicBoolean();
    ResultSink sink =
        (heading, timeline) ->
            new ResultSink.Opened() {
              @Override
              public Map<Integer, CaseResult> done() {
                return Map.of();
              }

              @Override
              public void begins(int cases, int left) {}

              @Override
              public void found(CaseResult result) throws UsageException {
                full.set(true);
                throw new UsageException("the disk is full");
              }
            };
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> explore(subject, SETTINGS.withWorkers(1), sink))
        .withMessage("the disk is full");
    assertThat(full).isTrue();
    assertThat(subject.ran).hasSize(1);
  }

  @Test
  void shardsTogetherAreTheWhole() throws Exception {
    Results whole = explore(FakeSubject.usual(), SETTINGS, ResultSink.none());
    List<CaseResult> joined = new java.util.ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      Results part =
          explore(FakeSubject.usual(), SETTINGS.withShard(new Shard(i, 4)), ResultSink.none());
      assertThat(part.heading()).isEqualTo(whole.heading());
      joined.addAll(part.cases());
    }
    assertThat(new Results(whole.heading(), joined, whole.timeline())).isEqualTo(whole);
  }

  @Test
  void oneCaseCanBeAskedForByName() throws Exception {
    String id = "e0 pwritev#2 write: ENOSPC";
    FakeSubject subject = FakeSubject.usual().only(id);
    Results results = new Explorer(subject, FakeSubject.plan(), SETTINGS).run(ResultSink.none());
    assertThat(subject.ran).containsExactly(id);
    assertThat(results.isComplete()).isTrue();
    FakeSubject other = FakeSubject.usual().only("x");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> explore(other, SETTINGS, ResultSink.none()))
        .withMessage("there is no case 'x' among 54");
  }
}
