package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.testkit.Gen;
import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * The engine against {@link NaiveModel}: random rule sets with random histories, and every small
 * one. After each step decisions, observations, states and all counters are compared.
 */
final class FaultEngineModelTest {
  private static final List<Event> EVENTS =
      List.of(QemuEvents.READ_AIO, QemuEvents.WRITE_AIO, QemuEvents.NONE, new Event("wal_append"));

  private static final List<Long> SECTORS =
      List.of(0L, 1L, 2L, 3L, 7L, 8L, 100L, -2L, 1L << 55, (1L << 55) + 1, Long.MAX_VALUE);

  @Test
  void randomHistories() {
    RandomCases.run(
        "engine against model",
        4000,
        random -> {
          List<Rule> rules = randomRules(random, random.nextInt(random.nextInt(10) == 0 ? 60 : 9));
          EngineDriver driver = new EngineDriver(rules);
          for (int step = 0; step < 40; step++) {
            randomStep(random, driver);
          }
        });
  }

  /** The same with every kind of rule for disks and all that a rule can ask for. */
  @Test
  void randomHistoriesOfAllKinds() {
    RandomCases.run(
        "all kinds of rules against model",
        1500,
        random -> {
          RandomRules kinds = new RandomRules(random);
          List<Rule> rules = new ArrayList<>();
          for (int i = random.nextInt(9); i >= 0; i--) {
            Source source = Source.file("r", i + 1, "s");
            rules.add(
                random.nextInt(4) == 0
                    ? new SetState(
                        EVENTS.get(random.nextInt(EVENTS.size())),
                        random.nextInt(3),
                        random.nextInt(3),
                        kinds.filter(false, false, false),
                        false,
                        source)
                    : kinds.rule(EVENTS, source));
          }
          EngineDriver driver = new EngineDriver(rules);
          for (int step = 0; step < 60; step++) {
            randomStep(random, driver);
          }
        });
  }

  private static void randomStep(RandomGenerator random, EngineDriver driver) {
    RequestType type = RequestType.values()[random.nextInt(RequestType.values().length)];
    boolean flush = type == RequestType.FLUSH;
    long offset = flush ? 0 : random.nextInt(10) * 512L + random.nextInt(3) - 1;
    offset = Math.max(0, offset);
    long bytes = flush ? 0 : random.nextInt(4) * 512L + random.nextInt(3);
    Event event = EVENTS.get(random.nextInt(EVENTS.size()));
    String tag = List.of("A", "B", "tag 0", "tag 1").get(random.nextInt(4));
    switch (random.nextInt(16)) {
      case 0 -> driver.addBreakpoint(event, tag);
      case 1 -> driver.resume(tag);
      case 2 -> driver.removeBreakpoint(tag);
      case 3, 4, 5, 6 -> driver.event(event, type, offset, bytes);
      // A write's data is in memory.
      case 7 -> driver.check(type, offset, type == RequestType.WRITE ? 1L << 16 : 1L << 40);
      default -> driver.check(type, offset, bytes);
    }
  }

  /** Each rule has a line of its own, so no two are equal. */
  static List<Rule> randomRules(RandomGenerator random, int count) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Source source = Source.file("r", i + 1, "s");
      Event event = EVENTS.get(random.nextInt(EVENTS.size()));
      int state = random.nextInt(10) == 0 ? -1 : random.nextInt(4);
      if (random.nextInt(4) == 0) {
        int newState = random.nextInt(8) == 0 ? -1 : random.nextInt(4);
        rules.add(new SetState(event, state, newState, source));
      } else {
        rules.add(
            new InjectError(
                RuleMatch.on(event)
                    .withState(state)
                    .withTypes(randomTypes(random))
                    .withSector(
                        random.nextBoolean() ? -1 : SECTORS.get(random.nextInt(SECTORS.size())))
                    .withOnce(random.nextBoolean())
                    .withSource(source),
                Errno.of(random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(40)),
                random.nextBoolean()));
      }
    }
    return rules;
  }

  private static Set<RequestType> randomTypes(RandomGenerator random) {
    RequestType[] types = RequestType.values();
    return random.nextBoolean()
        ? RequestType.defaultTypes()
        : EnumSet.of(types[random.nextInt(types.length)], types[random.nextInt(types.length)]);
  }

  /** Two rules of every kind that differs, and every history of three steps. */
  @Test
  void everySmallHistory() {
    for (Gen gen = new Gen(); gen.next(); ) {
      List<Rule> rules = List.of(smallRule(gen, 1), smallRule(gen, 2));
      EngineDriver driver = new EngineDriver(rules);
      for (int step = 0; step < 3; step++) {
        switch (gen.below(3)) {
          case 0 -> driver.event(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
          case 1 -> driver.event(QemuEvents.WRITE_AIO, RequestType.READ, 0, 512);
          default -> driver.check(RequestType.READ, 0, 512);
        }
      }
    }
  }

  private static Rule smallRule(Gen gen, int line) {
    Source source = Source.file("r", line, "s");
    Event event = gen.bool() ? QemuEvents.READ_AIO : QemuEvents.WRITE_AIO;
    int state = gen.below(3);
    if (gen.bool()) {
      return new SetState(event, state, gen.below(3), source);
    }
    boolean fails = gen.bool();
    return new InjectError(
        RuleMatch.on(event)
            .withState(state)
            .withType(RequestType.READ)
            .withSector(gen.bool() ? -1 : 0)
            .withOnce(fails && gen.bool())
            .withSource(source),
        fails ? Errno.of(line) : Errno.SUCCESS,
        false);
  }

  /** Thousands of rules on few sectors, used up one by one: the index against the plain list. */
  @Test
  void manyOnceRules() {
    RandomCases.run(
        "many once rules",
        20,
        random -> {
          List<Rule> rules = new ArrayList<>();
          int count = 1 + random.nextInt(400);
          int sectors = 1 + random.nextInt(50);
          for (int i = 0; i < count; i++) {
            InjectError rule = InjectError.on(QemuEvents.NONE).withErrno(Errno.of(1 + i % 100));
            rule = random.nextInt(8) == 0 ? rule : rule.withSector(random.nextInt(sectors));
            rule = random.nextInt(50) == 0 ? rule : rule.withOnce();
            rule = random.nextBoolean() ? rule : rule.withType(RequestType.WRITE);
            rules.add(rule.withMatch(rule.match().withSource(Source.file("r", i + 1, "s"))));
          }
          FaultEngine engine = new FaultEngine(rules);
          NaiveModel model = new NaiveModel(rules);
          engine.announce(QemuEvents.NONE);
          model.event(QemuEvents.NONE);
          for (int i = 0; i < count + 50; i++) {
            RequestType type = random.nextBoolean() ? RequestType.READ : RequestType.WRITE;
            long offset = random.nextInt(sectors) * 512L;
            long bytes = random.nextInt(sectors) * 512L;
            int actual =
                engine.check(type, offset, bytes) instanceof Decision.Fail fail
                    ? fail.errno().number()
                    : 0;
            int expected = model.check(type, offset, bytes);
            if (actual != expected) {
              throw new AssertionError(
                  type + " " + offset + "+" + bytes + ": " + actual + " instead of " + expected);
            }
          }
        });
  }
}
