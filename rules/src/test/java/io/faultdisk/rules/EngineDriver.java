package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Turns;
import io.faultdisk.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

        @Override
        public void start(Runnable part) {
          part.run();
        }
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
    List<String> stops = model.event(event, offset, bytes);
    List<String> expected = new ArrayList<>();
    expected.add("event " + event + " in " + before);
    if (model.state != before) {
      expected.add("state " + before + " to " + model.state);
    }
    stops.forEach(tag -> expected.add("suspended " + tag));
    assertSeen(expected);
    compare();
  }

  void check(RequestType type, long offset, long bytes) {
    observed.clear();
    int waiting = model.suspended.size();
    Decision decision = engine.check(type, offset, bytes);
    Optional<RequestRule> expected = model.decide(type, offset, bytes);
    Optional<RequestRule> actual =
        decision instanceof Decision.ByRule byRule ? Optional.of(byRule.rule()) : Optional.empty();
    if (!actual.equals(expected)) {
      assertThat(actual).as("%s %d+%d", type, offset, bytes).isEqualTo(expected);
    }
    if (type == RequestType.WRITE || type == RequestType.WRITE_ZEROES) {
      for (RuleFilter.ByteRange written : decision.writes(offset, bytes)) {
        model.written(written.offset(), written.bytes());
      }
    }
    List<String> seen = new ArrayList<>();
    for (String tag : model.suspended.subList(waiting, model.suspended.size())) {
      seen.add("suspended " + tag);
    }
    seen.add("check " + new Request(type, offset, bytes));
    assertSeen(seen);
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

  private void assertSeen(List<String> expected) {
    List<String> seen = seen();
    if (!seen.equals(expected)) {
      assertThat(seen).isEqualTo(expected);
    }
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
      case OPERATION_PERFORMED ->
          "operation " + ((Observation.OperationPerformed) observation).operation();
    };
  }

  private void compare() {
    Snapshot snapshot = engine.snapshot();
    List<SuspendedRequest> suspended = snapshot.suspended();
    List<Snapshot.RuleStatus> expected = new ArrayList<>();
    for (Snapshot.RuleStatus status : snapshot.rules()) {
      expected.add(expected(status.id(), status.rule()));
    }
    // Plain comparisons first: describing an assertion takes far longer than making it.
    if (snapshot.state() != model.state || !snapshot.rules().equals(expected)) {
      assertThat(snapshot.state()).isEqualTo(model.state);
      assertThat(snapshot.rules()).isEqualTo(expected);
    }
    if (!suspended.isEmpty() || !model.suspended.isEmpty()) {
      assertThat(suspended).extracting(SuspendedRequest::tag).isEqualTo(model.suspended);
    }
    if (!snapshot.breakpoints().equals(model.breakpoints())) {
      assertThat(snapshot.breakpoints()).isEqualTo(model.breakpoints());
    }
  }

  private Snapshot.RuleStatus expected(int id, Rule rule) {
    long requests = model.requestsMatched.getOrDefault(rule, 0L);
    return new Snapshot.RuleStatus(
        id,
        rule,
        model.isArmed(rule),
        model.isConsumed(rule),
        model.eventsMatched(rule),
        requests,
        rule instanceof RequestRule request && NaiveModel.doesSomething(request) ? requests : 0);
  }
}
