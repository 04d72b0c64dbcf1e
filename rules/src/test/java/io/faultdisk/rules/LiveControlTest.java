package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An engine at work is changed by hand. */
final class LiveControlTest {
  private static final InjectError ANY = InjectError.on(QemuEvents.NONE).withErrno(Errno.EIO);

  private static FaultEngine opened(String rules) throws Exception {
    FaultEngine engine = new FaultEngine(rules.isEmpty() ? List.of() : ShortRules.read(rules));
    engine.announce(QemuEvents.NONE);
    return engine;
  }

  private static Object read(FaultEngine engine) {
    return engine.check(RequestType.READ, 0, 512);
  }

  @Test
  void aRuleOnNoneThatIsAddedLaterAppliesAtOnce() {
    FaultEngine engine = new FaultEngine(List.of());
    engine.announce(QemuEvents.NONE);
    assertThat(engine.add(List.of(ANY))).containsExactly(1);
    assertThat(read(engine)).isInstanceOf(Decision.Fail.class);
    assertThat(engine.remove(1)).isTrue();
    assertThat(read(engine)).isSameAs(Decision.pass());
    assertThat(engine.remove(1)).isFalse();
  }

  @Test
  void aRuleOnNoneForAnotherStateThanThatAtOpenDoesNot() throws Exception {
    FaultEngine engine = opened("");
    engine.add(List.of(ANY.withState(2)));
    engine.setState(2);
    assertThat(read(engine)).isSameAs(Decision.pass());
    assertThat(engine.arm(QemuEvents.NONE)).isTrue();
    assertThat(read(engine)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void aRuleOnNoneWaitsOnceOthersWereArmed() throws Exception {
    FaultEngine engine = opened("IE read_aio iotype=write");
    engine.announce(QemuEvents.READ_AIO);
    engine.add(List.of(ANY));
    assertThat(read(engine)).isSameAs(Decision.pass());
    assertThat(engine.arm(QemuEvents.NONE)).isTrue();
    assertThat(read(engine)).isInstanceOf(Decision.Fail.class);
    assertThat(engine.check(RequestType.WRITE, 0, 512)).isInstanceOf(Decision.Fail.class);
    assertThat(engine.snapshot().rules().get(0).armed()).isFalse();
  }

  @Test
  void armingAnEventWithoutRulesForTheStateChangesNothing() throws Exception {
    FaultEngine engine = opened("IE none; IE read_aio state=5");
    assertThat(engine.arm(QemuEvents.READ_AIO)).isFalse();
    assertThat(engine.arm(QemuEvents.WRITE_AIO)).isFalse();
    assertThat(read(engine)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void armingNeitherMovesTheStateNorStops() throws Exception {
    FaultEngine engine = opened("IE read_aio; SS read_aio 1>2");
    engine.addBreakpoint(QemuEvents.READ_AIO, "A");
    engine.arm(QemuEvents.READ_AIO);
    Snapshot snapshot = engine.snapshot();
    assertThat(snapshot.state()).isEqualTo(1);
    assertThat(snapshot.breakpoints()).hasSize(1);
    assertThat(snapshot.rules().get(0).eventsMatched()).isEqualTo(1);
  }

  @Test
  void aReplacedRuleHasAnIdOfItsOwnAndCountsFromNothing() throws Exception {
    FaultEngine engine = opened("IE none once; SS none 1>7");
    read(engine);
    assertThat(engine.replace(1, ANY.withErrno(Errno.ENOSPC))).contains(3);
    assertThat(engine.snapshot().rules())
        .extracting(Snapshot.RuleStatus::id, Snapshot.RuleStatus::requestsMatched)
        .containsExactly(tuple(3, 0L), tuple(2, 0L));
    // The list that none armed was that of state 1, and it still is.
    assertThat(((Decision.Fail) read(engine)).errno()).isEqualTo(Errno.ENOSPC);
    assertThat(engine.replace(1, ANY)).isEqualTo(Optional.empty());
    assertThat(engine.replace(2, ANY)).contains(4);
    assertThat(engine.snapshot().rules()).hasSize(2);
  }

  @Test
  void rulesInThePlaceOfAllHaveIdsOfTheirOwnAndAreArmedAsThoseWere() throws Exception {
    FaultEngine engine = opened("IE none; IE none once; SS none 1>7");
    engine.addBreakpoint(QemuEvents.READ_AIO, "A");
    assertThat(engine.replaceAll(List.of(ANY.withErrno(Errno.ENOSPC)))).containsExactly(4);
    assertThat(((Decision.Fail) read(engine)).errno()).isEqualTo(Errno.ENOSPC);
    assertThat(engine.snapshot().rules()).hasSize(1);
    assertThat(engine.replaceAll(List.of())).isEmpty();
    assertThat(read(engine)).isSameAs(Decision.pass());
    assertThat(engine.snapshot().rules()).isEmpty();
    assertThat(engine.snapshot().breakpoints()).hasSize(1);
  }

  @Test
  void aStateThatIsSetByHandIsSeenByTheNextEvent() throws Exception {
    FaultEngine engine = opened("IE read_aio state=2; IE none");
    List<Observation> seen = new ArrayList<>();
    engine.observeChanges(seen::add);
    engine.setState(2);
    engine.setState(2);
    assertThat(seen).containsExactly(new Observation.StateChanged(Optional.empty(), 1, 2));
    // What is armed stays so until then.
    assertThat(engine.snapshot().rules().get(1).armed()).isTrue();
    engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
    assertThat(engine.snapshot().rules().get(0).armed()).isTrue();
    assertThat(engine.snapshot().rules().get(1).armed()).isFalse();
  }

  @Test
  void whoObservesChangesHearsOfNothingElse() throws Exception {
    FaultEngine engine = opened("SS write_aio 1>2");
    List<Observation.Kind> seen = new ArrayList<>();
    Observer.Registration registration = engine.observeChanges(o -> seen.add(o.kind()));
    engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
    read(engine);
    assertThat(seen).isEmpty();
    engine.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 512);
    assertThat(seen).containsExactly(Observation.Kind.STATE_CHANGED);
    registration.close();
    engine.setState(9);
    assertThat(seen).hasSize(1);
  }

  @Test
  void whoObservesChangesHearsOfStopsAndResumes() throws Exception {
    FaultEngine engine = opened("");
    List<Observation.Kind> seen = new ArrayList<>();
    engine.observeChanges(
        o -> {
          synchronized (seen) {
            seen.add(o.kind());
          }
        });
    engine.addBreakpoint(QemuEvents.READ_AIO, "A");
    Thread request =
        new Thread(() -> engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512));
    request.start();
    engine.awaitSuspended("A");
    engine.resume("A");
    request.join();
    assertThat(seen)
        .containsExactly(Observation.Kind.REQUEST_SUSPENDED, Observation.Kind.REQUEST_RESUMED);
  }

  @Test
  void oneRuleIsReadAsIfItStoodInAFile() throws Exception {
    Rule rule =
        RuleSources.readOne(
            "inject-error",
            Map.of("event", "write_aio", "errno", "ENOSPC", "once", "on"),
            Source.options("live"),
            Dialect.FAULTDISK);
    assertThat(rule.source().toString()).isEqualTo("live");
    assertThat(RuleWriter.keys(rule, Dialect.FAULTDISK))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("event", "write_aio", "errno", "ENOSPC", "once", "on"));
  }

  @Test
  void oneRuleWithAMistakeIsRefusedWithTheWordsOfAFile() {
    for (String[] mistake :
        new String[][] {
          {"errno", "EWHAT"}, {"event", "read_aoi"}, {"colour", "red"}, {"once", "perhaps"}
        }) {
      assertThatThrownBy(
              () ->
                  RuleSources.readOne(
                      "inject-error",
                      mistake[0].equals("event")
                          ? Map.of("event", mistake[1])
                          : Map.of("event", "none", mistake[0], mistake[1]),
                      Source.options("live"),
                      Dialect.FAULTDISK))
          .isInstanceOf(UsageException.class)
          .hasMessageStartingWith("live: ")
          .hasMessageContaining(mistake[0].equals("event") ? mistake[1] : mistake[0]);
    }
  }
}
