package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.testkit.Race;
import io.faultdisk.testkit.RandomCases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** The engine used by several threads at once. A hang fails at the deadline. */
final class FaultEngineRaceTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static InjectError rule(
      int line, Event event, int state, int errno, OptionalLong sector, boolean once) {
    return InjectError.on(event)
        .withErrno(Errno.of(errno))
        .withMatch(
            RuleMatch.on(event)
                .withState(state)
                .withType(RequestType.READ)
                .withSector(sector.orElse(-1))
                .withOnce(once)
                .withSource(Source.file("r", line, "s")));
  }

  @Test
  void onceFiresExactlyOnce() throws Exception {
    int count = 3000;
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      OptionalLong sector = i % 3 == 0 ? OptionalLong.empty() : OptionalLong.of(i % 7);
      rules.add(rule(i + 1, QemuEvents.NONE, 0, 5, sector, true));
    }
    FaultEngine engine = new FaultEngine(rules);
    engine.announce(QemuEvents.NONE);
    AtomicIntegerArray fired = new AtomicIntegerArray(count);
    new Race(DEADLINE)
        .threads(
            4,
            number -> {
              for (int i = 0; i < 2 * count; i++) {
                // Some see all sectors, some only a few: the heads of all lists are fought over.
                long offset = (i % 7) * 512L;
                Decision decision = engine.check(RequestType.READ, offset, i % 2 == 0 ? 512 : 4096);
                if (decision instanceof Decision.Fail fail) {
                  fired.incrementAndGet(fail.rule().source().line() - 1);
                }
              }
            })
        .run();
    for (int i = 0; i < count; i++) {
      assertThat(fired.get(i)).as("rule %d", i).isEqualTo(1);
    }
    assertThat(engine.snapshot().rules())
        .allMatch(status -> status.consumed() && status.injected() == 1);
  }

  /**
   * Two threads do two or three things each; whatever came out must also come out of the model,
   * doing the same one after the other in some order.
   */
  @Test
  void everythingHappensAtOneMoment() {
    List<Event> events = List.of(QemuEvents.READ_AIO, QemuEvents.WRITE_AIO);
    RandomCases.run(
        "linearizable",
        1500,
        random -> {
          List<Rule> rules = new ArrayList<>();
          int count = 1 + random.nextInt(4);
          for (int i = 0; i < count; i++) {
            Event event = events.get(random.nextInt(2));
            if (random.nextInt(4) == 0) {
              rules.add(
                  new SetState(
                      event,
                      random.nextInt(3),
                      1 + random.nextInt(2),
                      Source.file("r", i + 1, "s")));
            } else {
              OptionalLong sector =
                  random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(0);
              rules.add(
                  rule(
                      i + 1,
                      event,
                      random.nextInt(3),
                      random.nextInt(6) == 0 ? 0 : i + 1,
                      sector,
                      random.nextInt(3) != 0));
            }
          }
          // Steps: 0 and 1 announce an event, 2 is a request.
          int[] before = random.ints(2, 0, 3).toArray();
          int[] left = random.ints(2 + random.nextInt(2), 0, 3).toArray();
          int[] right = random.ints(2 + random.nextInt(2), 0, 3).toArray();

          FaultEngine engine = new FaultEngine(rules);
          run(engine, events, before);
          String[] results = new String[2];
          CyclicBarrier barrier = new CyclicBarrier(2);
          new Race(DEADLINE)
              .threads(
                  2,
                  number -> {
                    int[] steps = number == 0 ? left : right;
                    barrier.await();
                    results[number] = run(engine, events, steps);
                  })
              .run();
          String actual = results[0] + "/" + results[1] + "/" + end(engine);

          Set<String> possible = new HashSet<>();
          interleave(rules, events, before, left, right, 0, 0, new ArrayList<>(), possible);
          assertThat(possible)
              .as("%s: %s then %s and %s", rules, str(before), str(left), str(right))
              .contains(actual);
        });
  }

  private static String str(int[] steps) {
    return Arrays.toString(steps);
  }

  private static String run(FaultEngine engine, List<Event> events, int[] steps) {
    StringBuilder errnos = new StringBuilder();
    for (int step : steps) {
      if (step < 2) {
        engine.announce(events.get(step), RequestType.READ, 0, 512);
      } else {
        Decision decision = engine.check(RequestType.READ, 0, 512);
        errnos.append(decision instanceof Decision.Fail fail ? fail.errno().number() : 0);
      }
    }
    return errnos.toString();
  }

  private static String end(FaultEngine engine) {
    Snapshot snapshot = engine.snapshot();
    StringBuilder end = new StringBuilder().append(snapshot.state());
    for (Snapshot.RuleStatus status : snapshot.rules()) {
      end.append(status.armed() ? " armed" : status.consumed() ? " consumed" : " idle");
    }
    return end.toString();
  }

  /**
   * Collects what the model gives for every order of the steps; {@code order} says whose turn it
   * is.
   */
  private static void interleave(
      List<Rule> rules,
      List<Event> events,
      int[] before,
      int[] left,
      int[] right,
      int l,
      int r,
      List<Boolean> order,
      Set<String> possible) {
    if (l == left.length && r == right.length) {
      possible.add(inOrder(rules, events, before, left, right, order));
      return;
    }
    if (l < left.length) {
      order.add(true);
      interleave(rules, events, before, left, right, l + 1, r, order, possible);
      order.remove(order.size() - 1);
    }
    if (r < right.length) {
      order.add(false);
      interleave(rules, events, before, left, right, l, r + 1, order, possible);
      order.remove(order.size() - 1);
    }
  }

  private static String inOrder(
      List<Rule> rules,
      List<Event> events,
      int[] before,
      int[] left,
      int[] right,
      List<Boolean> order) {
    NaiveModel model = new NaiveModel(rules);
    StringBuilder[] results = {new StringBuilder(), new StringBuilder()};
    for (int step : before) {
      step(model, events, step, new StringBuilder());
    }
    int l = 0;
    int r = 0;
    for (boolean leftsTurn : order) {
      step(model, events, leftsTurn ? left[l++] : right[r++], results[leftsTurn ? 0 : 1]);
    }
    StringBuilder end = new StringBuilder().append(model.state);
    rules.stream()
        .filter(InjectError.class::isInstance)
        .forEach(
            rule ->
                end.append(
                    model.isArmed(rule)
                        ? " armed"
                        : model.isConsumed(rule) ? " consumed" : " idle"));
    rules.stream().filter(SetState.class::isInstance).forEach(rule -> end.append(" idle"));
    return results[0] + "/" + results[1] + "/" + end;
  }

  private static void step(NaiveModel model, List<Event> events, int step, StringBuilder errnos) {
    if (step < 2) {
      model.event(events.get(step));
    } else {
      errnos.append(model.check(RequestType.READ, 0, 512));
    }
  }

  /**
   * Rules change their places when one before them goes: no request may mistake one for another.
   */
  @Test
  void requestsAreDecidedByTheRuleOfTheirSectorWhileOthersComeAndGo() throws Exception {
    int sectors = 8;
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i <= sectors; i++) {
      rules.add(rule(i + 1, QemuEvents.NONE, 0, i + 1, OptionalLong.of(i), false));
    }
    FaultEngine engine = new FaultEngine(rules);
    engine.announce(QemuEvents.NONE);
    // For a sector of its own, again and again: each is consumed once.
    InjectError consumed = rule(99, QemuEvents.NONE, 0, 99, OptionalLong.of(sectors + 1), true);
    AtomicInteger added = new AtomicInteger();
    AtomicInteger fired = new AtomicInteger();
    AtomicInteger running = new AtomicInteger(2);
    new Race(DEADLINE)
        .threads(
            2,
            number -> {
              for (int i = 0; i < 100_000; i++) {
                int sector = i % (sectors + 2);
                Decision decision = engine.check(RequestType.READ, sector * 512L, 512);
                if (decision instanceof Decision.Fail fail) {
                  if (sector == sectors + 1) {
                    fired.incrementAndGet();
                  }
                  assertThat(fail.errno().number()).isEqualTo(sector > sectors ? 99 : sector + 1);
                } else {
                  assertThat(sector).as("the last one stays").isNotEqualTo(sectors);
                }
              }
              running.decrementAndGet();
            })
        .threads(
            1,
            number -> {
              ThreadLocalRandom random = ThreadLocalRandom.current();
              while (running.get() > 0) {
                Rule moving = rules.get(random.nextInt(sectors));
                assertThat(engine.remove(List.of(moving))).isEqualTo(1);
                added.addAndGet(engine.add(List.of(consumed)).size());
                engine.add(List.of(moving));
                if (engine.snapshot().rules().size() > 100) {
                  engine.remove(List.of(consumed));
                }
              }
            })
        .run();
    assertThat(fired.get()).isPositive().isLessThanOrEqualTo(added.get());
  }

  @Test
  void nobodyWaitsForAStopThatCame() throws Exception {
    FaultEngine engine = new FaultEngine(List.of());
    int rounds = 5000;
    CyclicBarrier round = new CyclicBarrier(2, () -> engine.addBreakpoint(QemuEvents.NONE, "A"));
    new Race(DEADLINE)
        .threads(
            2,
            number -> {
              for (int i = 0; i < rounds; i++) {
                round.await();
                if (number == 0) {
                  engine.announce(QemuEvents.NONE);
                } else {
                  engine.awaitSuspended("A");
                  assertThat(engine.resume("A")).isTrue();
                }
              }
            })
        .run();
    assertThat(engine.snapshot().suspended()).isEmpty();
  }

  /** Whatever moment it is: a request waits and is resumed, or does not wait any more. */
  @Test
  void nobodyWaitsOnceAllAreResumedForGood() throws Exception {
    Rule rule = InjectError.on(QemuEvents.NONE).withErrno(Errno.EIO).withSuspend("A");
    for (int i = 0; i < 500; i++) {
      FaultEngine engine = new FaultEngine(List.of(rule));
      engine.announce(QemuEvents.NONE);
      engine.addBreakpoint(QemuEvents.READ_AIO, "B");
      CyclicBarrier barrier = new CyclicBarrier(3);
      new Race(DEADLINE)
          .threads(
              2,
              number -> {
                barrier.await();
                engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
                assertThat(engine.check(RequestType.READ, 0, 512))
                    .isInstanceOf(Decision.Fail.class);
              })
          .threads(
              1,
              number -> {
                barrier.await();
                engine.resumeForGood();
              })
          .run();
      assertThat(engine.snapshot().suspended()).isEmpty();
    }
  }

  /**
   * Requests, breakpoints, resumes and removes at random: all requests end, and each stop is
   * resumed once.
   */
  @Test
  void noRequestIsForgotten() throws Exception {
    FaultEngine engine = new FaultEngine(List.of());
    Map<SuspendedRequest, Integer> stops = new ConcurrentHashMap<>();
    AtomicInteger wrong = new AtomicInteger();
    engine.observe(
        observation -> {
          if (observation instanceof Observation.RequestSuspended stop) {
            stops.merge(stop.request(), 1, Integer::sum);
          } else if (observation instanceof Observation.RequestResumed resumed) {
            // A resume before its suspend would take the count below zero.
            if (stops.merge(resumed.request(), -1, Integer::sum) < 0) {
              wrong.incrementAndGet();
            }
          }
        });
    int workers = 3;
    AtomicInteger running = new AtomicInteger(workers);
    new Race(DEADLINE)
        .threads(
            workers,
            number -> {
              for (int i = 0; i < 3000; i++) {
                engine.announce(QemuEvents.PWRITEV, RequestType.WRITE, i, number);
              }
              running.decrementAndGet();
            })
        .threads(
            2,
            number -> {
              ThreadLocalRandom random = ThreadLocalRandom.current();
              while (running.get() > 0) {
                String tag = random.nextBoolean() ? "A" : "B";
                switch (random.nextInt(8)) {
                  case 0, 1 -> engine.addBreakpoint(QemuEvents.PWRITEV, tag);
                  case 2 -> engine.removeBreakpoint(tag);
                  case 3 -> engine.snapshot();
                  default -> engine.resume(tag);
                }
              }
            })
        .run();
    assertThat(wrong.get()).isZero();
    assertThat(stops.values()).allMatch(count -> count == 0);
    assertThat(engine.snapshot().suspended()).isEmpty();
  }
}
