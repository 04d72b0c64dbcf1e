package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Turns;
import io.faultdisk.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Does the same to an engine and to the model and compares everything that can be seen.
 *
 * <p>Requests are not suspended for real: waiting returns at once, because these tests have one
 * thread. What is suspended stays on the engine's list until it is resumed, and that is what is
 * compared.
 */
final class EngineDriver {
  private static final Turns NEVER_WAIT =
      new Turns() {
        @Override
        public void pass() {}

        @Override
        public void await(BooleanSupplier released) {}

        @Override
        public void signal(Thread waiter) {}
      };

  final FaultEngine engine;
  private final NaiveModel model;
  private final List<Observation> observed = new ArrayList<>();

  EngineDriver(List<Rule> rules) {
    engine = new FaultEngine(rules, NEVER_WAIT, new ManualClock());
    model = new NaiveModel(rules);
    engine.observe(observed::add);
  }

  void event(Event event, RequestType type, long offset, long bytes) {
    observed.clear();
    int before = model.state;
    engine.announce(event, type, offset, bytes);
    List<String> stops = model.event(event);
    List<String> expected = new ArrayList<>();
    expected.add("event " + event + " in " + before);
    if (model.state != before) {
      expected.add("state " + before + " to " + model.state);
    }
    stops.forEach(tag -> expected.add("suspended " + tag));
    assertThat(seen()).isEqualTo(expected);
    compare();
  }

  void check(RequestType type, long offset, long bytes) {
    observed.clear();
    Decision decision = engine.check(type, offset, bytes);
    int errno = model.check(type, offset, bytes);
    int actual = decision instanceof Decision.Fail fail ? fail.errno().number() : 0;
    assertThat(actual).as("%s %d+%d", type, offset, bytes).isEqualTo(errno);
    assertThat(seen()).containsExactly("check " + new Request(type, offset, bytes));
    compare();
  }

  void addBreakpoint(Event event, String tag) {
    engine.addBreakpoint(event, tag);
    model.addBreakpoint(event, tag);
    compare();
  }

  void resume(String tag) {
    observed.clear();
    boolean expected = model.resume(tag);
    assertThat(engine.resume(tag)).isEqualTo(expected);
    assertThat(seen()).isEqualTo(expected ? List.of("resumed " + tag) : List.of());
    compare();
  }

  void removeBreakpoint(String tag) {
    assertThat(engine.removeBreakpoint(tag)).isEqualTo(model.removeBreakpoint(tag));
    assertThat(engine.isSuspended(tag)).isFalse();
    compare();
  }

  private List<String> seen() {
    return observed.stream().map(EngineDriver::describe).toList();
  }

  private static String describe(Observation observation) {
    return switch (observation.kind()) {
      case EVENT_ANNOUNCED -> {
        Observation.EventAnnounced o = (Observation.EventAnnounced) observation;
        yield "event " + o.event() + " in " + o.state();
      }
      case STATE_CHANGED -> {
        Observation.StateChanged o = (Observation.StateChanged) observation;
        yield "state " + o.from() + " to " + o.to();
      }
      case REQUEST_SUSPENDED ->
          "suspended " + ((Observation.RequestSuspended) observation).request().tag();
      case REQUEST_RESUMED ->
          "resumed " + ((Observation.RequestResumed) observation).request().tag();
      case REQUEST_CHECKED -> "check " + ((Observation.RequestChecked) observation).request();
    };
  }

  private void compare() {
    Snapshot snapshot = engine.snapshot();
    assertThat(snapshot.state()).isEqualTo(model.state);
    assertThat(snapshot.breakpoints()).isEqualTo(model.breakpoints());
    assertThat(snapshot.suspended()).extracting(SuspendedRequest::tag).isEqualTo(model.suspended);
    for (Snapshot.RuleStatus status : snapshot.rules()) {
      Rule rule = status.rule();
      assertThat(status.armed()).as("armed %s", rule).isEqualTo(model.isArmed(rule));
      assertThat(status.consumed()).as("consumed %s", rule).isEqualTo(model.isConsumed(rule));
      assertThat(status.eventsMatched())
          .as("events of %s", rule)
          .isEqualTo(model.eventsMatched.getOrDefault(rule, 0L));
      long requests = model.requestsMatched.getOrDefault(rule, 0L);
      assertThat(status.requestsMatched()).as("requests of %s", rule).isEqualTo(requests);
      boolean fails = rule instanceof InjectError inject && inject.errno().number() != 0;
      assertThat(status.injected()).as("injected by %s", rule).isEqualTo(fails ? requests : 0);
    }
  }
}
