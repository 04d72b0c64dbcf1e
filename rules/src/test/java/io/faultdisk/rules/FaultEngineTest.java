package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultEngineTest {
  private static final Event WAL_APPEND = new Event("wal_append");

  private static FaultEngine engine(String rules) throws Exception {
    return new FaultEngine(ShortRules.read(rules));
  }

  @Test
  void withoutRulesEverythingPasses() {
    FaultEngine engine = new FaultEngine(List.of());
    engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
    assertThat(engine.check(RequestType.READ, 0, 512)).isSameAs(Decision.pass());
    assertThat(engine.snapshot())
        .isEqualTo(new Snapshot(FaultEngine.INITIAL_STATE, List.of(), List.of(), List.of()));
  }

  @Test
  void creatingAnEngineDoesNotAnnounceNone() throws Exception {
    FaultEngine engine = engine("IE none");
    assertThat(engine.check(RequestType.READ, 0, 512)).isSameAs(Decision.pass());
  }

  @Test
  void aProgramsOwnEventArmsRules() {
    FaultEngine engine =
        new FaultEngine(List.of(InjectError.on(WAL_APPEND).withErrno(Errno.ENOSPC).withOnce()));
    engine.announce(new Event("wal_append"));
    assertThat(engine.check(RequestType.FLUSH, 0, 0))
        .isInstanceOfSatisfying(
            Decision.Fail.class, fail -> assertThat(fail.errno()).isEqualTo(Errno.ENOSPC));
    assertThat(engine.check(RequestType.FLUSH, 0, 0)).isSameAs(Decision.pass());
  }

  @Test
  void theDecisionNamesItsRule() throws Exception {
    FaultEngine engine = engine("IE none iotype=read; IE none immediately errno=1000");
    engine.announce(QemuEvents.NONE);
    Decision.Fail fail = (Decision.Fail) engine.check(RequestType.WRITE, 0, 1);
    assertThat(fail.immediately()).isTrue();
    assertThat(fail.errno().text()).isEqualTo("Unknown error 1000");
    assertThat(fail.rule().source().toString()).isEqualTo("table:4");
  }

  @Test
  void aConsumedRuleNoLongerReplacesTheActiveList() throws Exception {
    FaultEngine engine = engine("IE read_aio once iotype=read; IE write_aio iotype=write");
    engine.announce(QemuEvents.READ_AIO);
    assertThat(engine.check(RequestType.READ, 0, 1)).isInstanceOf(Decision.Fail.class);
    engine.announce(QemuEvents.WRITE_AIO);
    // Nothing is left on this event, so the rule of write_aio stays armed.
    engine.announce(QemuEvents.READ_AIO);
    assertThat(engine.check(RequestType.WRITE, 0, 1)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void snapshotCountsEventsAndRequests() throws Exception {
    FaultEngine engine = engine("IE read_aio sector=1 once; IE read_aio errno=0; SS read_aio 1>2");
    engine.announce(QemuEvents.READ_AIO);
    engine.check(RequestType.READ, 0, 512);
    engine.check(RequestType.READ, 0, 1024);
    engine.announce(QemuEvents.READ_AIO);
    Snapshot snapshot = engine.snapshot();
    assertThat(snapshot.state()).isEqualTo(2);
    assertThat(snapshot.rules().get(0))
        .isEqualTo(
            new Snapshot.RuleStatus(1, snapshot.rules().get(0).rule(), false, true, 1, 1, 1));
    assertThat(snapshot.rules().get(1))
        .isEqualTo(
            new Snapshot.RuleStatus(2, snapshot.rules().get(1).rule(), true, false, 2, 1, 0));
    assertThat(snapshot.rules().get(2))
        .isEqualTo(
            new Snapshot.RuleStatus(3, snapshot.rules().get(2).rule(), false, false, 1, 0, 0));
  }

  @Test
  void aSnapshotDoesNotChangeLater() throws Exception {
    FaultEngine engine = engine("SS read_aio 1>2");
    Snapshot before = engine.snapshot();
    engine.announce(QemuEvents.READ_AIO);
    assertThat(before.state()).isEqualTo(1);
    assertThat(engine.snapshot().state()).isEqualTo(2);
  }

  @Test
  void observersSeeEventsWithoutRules() {
    FaultEngine engine = new FaultEngine(List.of());
    List<Observation> seen = new ArrayList<>();
    Observer.Registration registration = engine.observe(seen::add);
    engine.announce(QemuEvents.L2_LOAD, RequestType.READ, 512, 1024);
    engine.announce(QemuEvents.NONE);
    engine.check(RequestType.WRITE, 0, 512);
    registration.close();
    registration.close();
    engine.check(RequestType.WRITE, 0, 512);
    Request read = new Request(RequestType.READ, 512, 1024);
    assertThat(seen)
        .containsExactly(
            new Observation.EventAnnounced(
                QemuEvents.L2_LOAD, java.util.Optional.of(read), 1, false),
            new Observation.EventAnnounced(QemuEvents.NONE, java.util.Optional.empty(), 1, false),
            new Observation.RequestChecked(
                new Request(RequestType.WRITE, 0, 512), Decision.pass()));
  }

  @Test
  void oneObserverRegisteredTwiceIsToldTwice() {
    FaultEngine engine = new FaultEngine(List.of());
    List<Observation> seen = new ArrayList<>();
    Observer observer = seen::add;
    Observer.Registration first = engine.observe(observer);
    engine.observe(observer);
    engine.announce(QemuEvents.NONE);
    first.close();
    engine.announce(QemuEvents.NONE);
    assertThat(seen).hasSize(3);
  }

  @Test
  void anObserverMayUseTheEngine() throws Exception {
    FaultEngine engine = engine("IE none errno=28");
    List<Decision> decisions = new ArrayList<>();
    engine.observe(
        observation -> {
          if (observation instanceof Observation.EventAnnounced announced) {
            assertThat(announced.armed()).isTrue();
            decisions.add(engine.check(RequestType.READ, 0, 1));
          }
        });
    engine.announce(QemuEvents.NONE);
    assertThat(decisions).singleElement().isInstanceOf(Decision.Fail.class);
  }

  @Test
  void rangesThatDoNotExistAreABug() throws Exception {
    FaultEngine engine = engine("IE none");
    engine.announce(QemuEvents.NONE);
    assertThatThrownBy(() -> engine.check(RequestType.READ, -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> engine.check(RequestType.READ, Long.MAX_VALUE, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("read of 1 bytes at 9223372036854775807 is out of range");
  }

  @Test
  void rulesCheckThemselves() {
    assertThatThrownBy(() -> InjectError.on(QemuEvents.NONE).withErrno(Errno.of(-5)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Event("")).isInstanceOf(IllegalArgumentException.class);
  }
}
