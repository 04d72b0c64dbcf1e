package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Turns;
import io.faultdisk.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Breakpoints with threads that really wait. What is printed follows the numbered rows of our
 * blkdebug notes, observed with qemu-io 7.2.
 */
@Timeout(120)
final class BreakpointTest {
  private final ManualClock clock = new ManualClock();
  private final FaultEngine engine = new FaultEngine(List.of(), Turns.free(), clock);
  private final List<String> printed = new CopyOnWriteArrayList<>();
  private final ExecutorService requests = Executors.newCachedThreadPool();

  BreakpointTest() {
    engine.observe(
        observation -> {
          switch (observation.kind()) {
            case REQUEST_SUSPENDED ->
                printed.add(
                    "Suspended " + ((Observation.RequestSuspended) observation).request().tag());
            case REQUEST_RESUMED ->
                printed.add(
                    "Resuming " + ((Observation.RequestResumed) observation).request().tag());
            default -> {}
          }
        });
  }

  @AfterEach
  void noThreadStays() throws Exception {
    requests.shutdown();
    assertThat(requests.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  private Future<?> write() {
    return requests.submit(
        () -> {
          engine.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 512);
          engine.announce(QemuEvents.PWRITEV, RequestType.WRITE, 0, 512);
          printed.add("wrote");
        });
  }

  private static void join(Future<?> request) throws Exception {
    request.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aResumedRequestGoesOn() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> request = write();
    engine.awaitSuspended("A");
    assertThat(engine.isSuspended("A")).isTrue();
    assertThat(request.isDone()).isFalse();
    assertThat(engine.resume("A")).isTrue();
    join(request);
    assertThat(printed).containsExactly("Suspended A", "Resuming A", "wrote");
    assertThat(engine.isSuspended("A")).isFalse();
  }

  @Test
  void aBreakpointWorksOnce() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> request = write();
    engine.awaitSuspended("A");
    join(write());
    engine.resume("A");
    join(request);
    assertThat(printed).containsExactly("Suspended A", "wrote", "Resuming A", "wrote");
  }

  @Test
  void twoBreakpointsNeedTwoResumes() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> request = write();
    engine.awaitSuspended("A");
    assertThat(engine.resume("A")).isTrue();
    assertThat(request.isDone()).isFalse();
    assertThat(engine.resume("A")).isTrue();
    join(request);
    assertThat(engine.resume("A")).isFalse();
    assertThat(printed)
        .containsExactly("Suspended A", "Suspended A", "Resuming A", "Resuming A", "wrote");
  }

  @Test
  void theNewestBreakpointIsReportedFirst() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "B");
    Future<?> request = write();
    engine.awaitSuspended("A");
    engine.resume("A");
    engine.resume("B");
    join(request);
    assertThat(printed)
        .containsExactly("Suspended B", "Suspended A", "Resuming A", "Resuming B", "wrote");
  }

  @Test
  void resumingNothingSaysSo() {
    assertThat(engine.resume("Z")).isFalse();
    assertThat(engine.removeBreakpoint("Q")).isFalse();
  }

  @Test
  void aRemovedBreakpointStopsNobody() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    engine.addBreakpoint(QemuEvents.PWRITEV, "A");
    assertThat(engine.removeBreakpoint("A")).isTrue();
    join(write());
    assertThat(printed).containsExactly("wrote");
  }

  @Test
  void removingResumesAllButOnlyBreakpointsCount() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> first = write();
    engine.awaitSuspended("A");
    engine.addBreakpoint(QemuEvents.PWRITEV, "A");
    Future<?> second = write();
    while (engine.snapshot().suspended().size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(engine.removeBreakpoint("A")).isFalse();
    join(first);
    join(second);
    assertThat(printed).filteredOn("Resuming A"::equals).hasSize(2);
  }

  @Test
  void theLatestStopIsResumedFirst() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> first = write();
    engine.awaitSuspended("A");
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<?> second = write();
    while (engine.snapshot().suspended().size() < 2) {
      Thread.onSpinWait();
    }
    engine.resume("A");
    join(second);
    assertThat(first.isDone()).isFalse();
    engine.resume("A");
    join(first);
  }

  @Test
  void oneRequestStopsAtOneEventAfterTheOther() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    engine.addBreakpoint(QemuEvents.PWRITEV, "A");
    Future<?> request = write();
    engine.awaitSuspended("A");
    engine.resume("A");
    engine.awaitSuspended("A");
    engine.resume("A");
    join(request);
    assertThat(printed)
        .containsExactly("Suspended A", "Resuming A", "Suspended A", "Resuming A", "wrote");
  }

  @Test
  void snapshotShowsWhoWaitsWhereSinceWhen() throws Exception {
    clock.advance(Duration.ofSeconds(5));
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    engine.addBreakpoint(QemuEvents.L2_LOAD, "B");
    assertThat(engine.snapshot().breakpoints())
        .extracting(Breakpoint::tag)
        .containsExactly("A", "B");
    Future<?> request = write();
    engine.awaitSuspended("A");
    clock.advance(Duration.ofSeconds(5));
    Snapshot snapshot = engine.snapshot();
    assertThat(snapshot.breakpoints()).extracting(Breakpoint::tag).containsExactly("B");
    assertThat(snapshot.suspended())
        .containsExactly(
            new SuspendedRequest(
                "A",
                QemuEvents.WRITE_AIO,
                Optional.of(new Request(RequestType.WRITE, 0, 512)),
                Instant.parse("2000-01-01T00:00:05Z")));
    engine.resume("A");
    join(request);
  }

  @Test
  void breakpointsIgnoreTheStateAndRulesAreArmedBefore() throws Exception {
    FaultEngine both = new FaultEngine(ShortRules.read("SS write_aio >9; IE write_aio once"));
    both.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<Decision> request =
        requests.submit(
            () -> {
              both.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 512);
              return both.check(RequestType.WRITE, 0, 512);
            });
    both.awaitSuspended("A");
    assertThat(both.snapshot().state()).isEqualTo(9);
    both.resume("A");
    assertThat(request.get(60, TimeUnit.SECONDS)).isInstanceOf(Decision.Fail.class);
  }

  /** While one request stops, another's event replaces the active list and uses its rule up. */
  @Test
  void whatCountsIsTheListWhenTheRequestArrives() throws Exception {
    FaultEngine both =
        new FaultEngine(ShortRules.read("IE write_aio errno=5 once; IE read_aio errno=28 once"));
    both.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Future<Decision> write =
        requests.submit(
            () -> {
              both.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 512);
              return both.check(RequestType.WRITE, 0, 512);
            });
    both.awaitSuspended("A");
    both.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
    assertThat(both.check(RequestType.READ, 0, 512)).isInstanceOf(Decision.Fail.class);
    both.resume("A");
    assertThat(write.get(60, TimeUnit.SECONDS)).isSameAs(Decision.pass());
  }

  @Test
  void breakpointsMayComeAsRules() throws Exception {
    FaultEngine own =
        new FaultEngine(List.of(new Breakpoint(QemuEvents.NONE, "A", Source.program())));
    Future<?> request = requests.submit(() -> own.announce(QemuEvents.NONE));
    own.awaitSuspended("A");
    assertThat(own.snapshot().suspended().get(0).request()).isEmpty();
    own.resume("A");
    join(request);
  }

  @Test
  void anInterruptDoesNotReleaseASuspendedRequest() throws Exception {
    engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
    Thread[] thread = new Thread[1];
    Future<Boolean> request =
        requests.submit(
            () -> {
              thread[0] = Thread.currentThread();
              engine.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 512);
              return Thread.interrupted();
            });
    engine.awaitSuspended("A");
    thread[0].interrupt();
    assertThat(engine.isSuspended("A")).isTrue();
    assertThat(request.isDone()).isFalse();
    engine.resume("A");
    assertThat(request.get(60, TimeUnit.SECONDS)).as("kept for later").isTrue();
  }

  @Test
  void aThrowingObserverLeavesNothingSuspended() {
    FaultEngine own = new FaultEngine(List.of());
    own.observe(
        observation -> {
          if (observation.kind() == Observation.Kind.REQUEST_SUSPENDED) {
            throw new IllegalStateException("observer");
          }
        });
    own.addBreakpoint(QemuEvents.NONE, "A");
    assertThatThrownBy(() -> own.announce(QemuEvents.NONE)).hasMessage("observer");
    assertThat(own.snapshot().suspended()).isEmpty();
    assertThat(own.resume("A")).isFalse();
  }

  /**
   * The remover comes while the observers are still being told; "Suspended" is printed first all
   * the same.
   */
  @Test
  void removingWhileTheStopIsAnnouncedResumesItAfterwards() throws Exception {
    FaultEngine own = new FaultEngine(List.of());
    List<String> seen = new CopyOnWriteArrayList<>();
    own.observe(
        observation -> {
          if (observation.kind() == Observation.Kind.REQUEST_SUSPENDED) {
            assertThat(own.isSuspended("A")).isFalse();
            assertThat(own.resume("A")).isFalse();
            assertThat(own.removeBreakpoint("A")).isFalse();
          }
          seen.add(observation.kind().name());
        });
    own.addBreakpoint(QemuEvents.NONE, "A");
    own.announce(QemuEvents.NONE);
    assertThat(seen).containsExactly("EVENT_ANNOUNCED", "REQUEST_SUSPENDED", "REQUEST_RESUMED");
    assertThat(own.snapshot().suspended()).isEmpty();
  }
}
