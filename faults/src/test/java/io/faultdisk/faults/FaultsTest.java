package io.faultdisk.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.events.EventScope;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.rules.Target;
import io.faultdisk.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final FaultEvents CURRENT = FaultEvents.current();
  private static final Target WAL = Target.of("/data/a.wal");

  private final Faults faults = Faults.create(new ManualClock());

  @AfterEach
  void letGo() {
    faults.close();
  }

  @Test
  void aCheckFailsRightThere() throws Exception {
    faults.addText(
        """
        [inject-error]
        event = "wal_append"
        errno = "ENOSPC"
        occurrence = "2"
        """);
    try (EventScope scope = faults.listen()) {
      assertThat(scope).isNotNull();
      CURRENT.check("wal_append");
      assertThatThrownBy(() -> CURRENT.check("wal_append"))
          .isInstanceOf(IOException.class)
          .hasMessage("No space left on device");
      CURRENT.check("wal_append");
    }
    assertThat(faults.receipts())
        .singleElement()
        .hasToString("epoch 0: wal_append: fail with ENOSPC by rules:1");
  }

  @Test
  void anEventArmsWhatComesNext() {
    faults.add(RuleBuilder.on("wal_append").once().fail(Errno.EIO));
    assertThat(faults.perform(FileEvents.WRITE, WAL, 0, 512)).hasToString("pass");
    faults.event("wal_append");
    assertThat(faults.perform(FileEvents.WRITE, WAL, 512, 512))
        .hasToString("fail with EIO by program");
  }

  @Test
  void epochsAreFlushesLetThrough() {
    faults.add(RuleBuilder.on("fsync").occurrence(2).fail(Errno.EIO));
    faults.perform(FileEvents.FSYNC, WAL, 0, 0);
    faults.perform(FileEvents.FDATASYNC, WAL, 0, 0);
    assertThat(faults.epoch()).isEqualTo(1);
    assertThat(faults.receipts()).singleElement().extracting(Receipt::epoch).isEqualTo(1L);
  }

  @Test
  void rulesThatDidNothingAreNamed() {
    Rule used = RuleBuilder.on("fsync").fail(Errno.EIO);
    Rule unused = RuleBuilder.on("fsync").path("*.other").fail(Errno.EIO);
    Rule state = RuleBuilder.on("rename").setState(2);
    faults.add(used, unused, state);
    faults.perform(FileEvents.FSYNC, WAL, 0, 0);
    assertThat(faults.unfired()).containsExactly(unused, state);
    faults.perform(FileEvents.RENAME, WAL, 0, 0);
    assertThat(faults.unfired()).containsExactly(unused);
    assertThat(faults.state()).isEqualTo(2);
    faults.clear();
    assertThat(faults.unfired()).isEmpty();
  }

  @Test
  void aBreakpointHoldsAnOperationUntilItIsResumed() throws Exception {
    faults.suspendAt("fsync");
    List<String> done = new ArrayList<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              started.countDown();
              faults.perform(FileEvents.FSYNC, WAL, 0, 0);
              done.add("flushed");
            });
    thread.start();
    started.await();
    faults.await("fsync");
    assertThat(done).isEmpty();
    assertThat(faults.isSuspended("fsync")).isTrue();
    faults.resume("fsync");
    thread.join();
    assertThat(done).containsExactly("flushed");
    assertThatThrownBy(() -> faults.resume("fsync"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("await it first");
  }

  @Test
  void closingLetsEverythingGo() throws Exception {
    faults.suspendAt("wal_append");
    Thread thread = new Thread(() -> faults.event("wal_append"));
    thread.start();
    faults.await("wal_append");
    faults.close();
    thread.join();
    assertThat(faults.snapshot().suspended()).isEmpty();
  }

  @Test
  void aRuleMayMakeAnOperationWaitForItsTag() throws Exception {
    faults.addText(
        """
        [inject-error]
        event = "rename"
        errno = "0"
        suspend = "here"
        """);
    List<String> told = new ArrayList<>();
    Thread thread =
        new Thread(() -> told.add(faults.perform(FileEvents.RENAME, WAL, 0, 0).toString()));
    thread.start();
    faults.await("here");
    assertThat(told).isEmpty();
    faults.resume("here");
    thread.join();
    assertThat(told).containsExactly("pass after being resumed by rules:1");
  }

  @Test
  void aDelayedOperationWaitsUnlessItIsInterrupted() throws Exception {
    faults.addText(
        """
        [inject-error]
        event = "fsync"
        errno = "0"
        delay-ns = "3600000000000"
        """);
    List<String> told = new ArrayList<>();
    Thread thread =
        new Thread(() -> told.add(faults.perform(FileEvents.FSYNC, WAL, 0, 0).toString()));
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      assertThat(thread.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    thread.interrupt();
    thread.join();
    assertThat(told).containsExactly("pass after 3600000000000 ns by rules:1");
    assertThat(faults.epoch()).isEqualTo(1);
  }

  @Test
  void aCheckHasNothingThatCouldBeChanged() throws Exception {
    faults.addText(
        """
        [drop-write]
        event = "wal_append"
        occurrence = "1"
        [inject-corruption]
        event = "wal_append"
        occurrence = "2"
        [tear-write]
        event = "wal_append"
        occurrence = "3"
        [inject-error]
        event = "wal_append"
        occurrence = "4"
        errno = "0"
        delay-ns = "1"
        [inject-error]
        event = "wal_append"
        occurrence = "5"
        when = "after"
        """);
    for (int i = 0; i < 4; i++) {
      faults.check("wal_append");
    }
    assertThatThrownBy(() -> faults.check("wal_append")).hasMessage("Input/output error");
    assertThat(faults.unfired()).isEmpty();
  }

  @Test
  void rulesThatOnlyDisksHaveAreRefused() {
    for (Rule rule :
        List.of(RuleBuilder.on("write").misdirectTo(3), RuleBuilder.on("read").staleRead())) {
      assertThatThrownBy(() -> faults.add(rule))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("] is for disks only");
    }
    assertThat(faults.snapshot().rules()).isEmpty();
  }

  @Test
  void awaitingInVainSaysSo() {
    assertThatThrownBy(() -> faults.await("never", Duration.ofMillis(20)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("nothing was stopped at 'never' within 20 ms");
  }

  @Test
  void aPowerCutAtACheckReachesTheFileSystems() {
    List<String> told = new ArrayList<>();
    faults.whenPowerIsCut(() -> told.add("cut"));
    faults.add(RuleBuilder.on("checkpoint").cutPower());
    assertThatThrownBy(() -> faults.check("checkpoint"))
        .isInstanceOf(IOException.class)
        .hasMessage("The power was cut");
    assertThat(told).containsExactly("cut");
  }

  @Test
  void aFailingFlushOfOnesOwn() {
    faults.add(RuleBuilder.on("sync").failFlush(FailFlush.Mode.DROP));
    assertThatThrownBy(() -> faults.check("sync")).hasMessage("Input/output error");
    faults.clear();
    assertThatCode(() -> faults.check("sync")).doesNotThrowAnyException();
  }

  @Test
  void mistakesInRulesNameThePlaceAndTheRemedy() {
    assertThatThrownBy(() -> faults.addText("[inject-error]\nevent = \"fsinc\"\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rules:2: ")
        .hasMessageContaining("Did you mean 'fsync'?");
    assertThat(faults.snapshot().rules()).isEmpty();
  }

  @Test
  void aTraceHasTheLastLines() {
    faults.add(RuleBuilder.on("wal_append").setState(2));
    try (Trace trace = faults.trace(3)) {
      faults.perform(FileEvents.OPEN, WAL, 0, 0);
      faults.event("wal_append");
      faults.perform(FileEvents.TRUNCATE, WAL, 40, Long.MAX_VALUE - 40);
      String thread = " [" + Thread.currentThread().getName() + "] ";
      assertThat(trace.entries())
          .extracting(Trace.Entry::toString)
          .containsExactly(
              "2" + thread + "event wal_append",
              "3" + thread + "state 1 becomes 2",
              "4" + thread + "truncate /data/a.wal 40+");
      assertThat(trace.count()).isEqualTo(4);
    }
    faults.event("unheard");
  }

  @Test
  void everyOperationIsAFaultPointThatARuleHitsAgain() {
    List<FaultPoint> points;
    try (FaultPoints recorded = new FaultPoints(faults)) {
      workload();
      points = recorded.list();
    }
    assertThat(points)
        .extracting(FaultPoint::toString)
        .containsExactly(
            "write#1 /data/a.wal",
            "fsync#1 /data/a.wal",
            "write#2 /data/a.wal",
            "fsync#2 /data/a.wal");
    for (FaultPoint point : points) {
      Faults again = Faults.create();
      again.add(point.rule().fail(Errno.EIO));
      List<String> failed = new ArrayList<>();
      try (FaultPoints recorded = new FaultPoints(again)) {
        workload(again);
        recorded.list().forEach(p -> failed.add(p.toString()));
      }
      assertThat(again.receipts()).hasSize(1);
      assertThat(failed).hasSize(4);
      assertThat(again.receipts().get(0).target()).isEqualTo(point.target());
    }
  }

  private void workload() {
    workload(faults);
  }

  private static void workload(Faults faults) {
    faults.perform(FileEvents.WRITE, WAL, 0, 512);
    faults.perform(FileEvents.FDATASYNC, WAL, 0, 0);
    faults.perform(FileEvents.WRITE, WAL, 512, 512);
    faults.perform(FileEvents.FSYNC, WAL, 0, 0);
  }

  @Test
  void anInterruptedThreadIsNotHeld() throws Exception {
    faults.add(RuleBuilder.on("fsync").fail(Errno.EIO));
    faults.suspendAt("fsync");
    List<String> outcome = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              outcome.add(faults.perform(FileEvents.FSYNC, WAL, 0, 0).toString());
              outcome.add("interrupted " + Thread.interrupted());
            });
    thread.setDaemon(true);
    thread.start();
    faults.await("fsync");
    thread.interrupt();
    thread.join(Duration.ofSeconds(30).toMillis());
    assertThat(outcome).hasSize(2);
    assertThat(outcome.get(0)).startsWith("fail with EIO");
    assertThat(outcome.get(1)).isEqualTo("interrupted true");
    assertThat(faults.snapshot().suspended()).isEmpty();
    assertThatThrownBy(() -> faults.resume("fsync")).isInstanceOf(IllegalStateException.class);
  }
}
