package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Random rules and operations: the engine against a model that goes through all rules one by one,
 * without tables, groups and indexes.
 */
class OperationModelTest {
  private static final String[] PATHS = {"/d/a.wal", "/d/b.wal", "/d/a.table", "/e/a.wal"};
  private static final String[] GLOBS = {"*.wal", "/d/*", "a.*", "/**/a.wal", "nothing"};
  private static final Operation[] OPERATIONS = {
    FileEvents.READ, FileEvents.WRITE, FileEvents.FSYNC, FileEvents.FDATASYNC, FileEvents.RENAME
  };
  private static final Event[] EVENTS = {
    FileEvents.READ.event(),
    FileEvents.WRITE.event(),
    FileEvents.FSYNC.event(),
    FileEvents.FDATASYNC.event(),
    FileEvents.RENAME.event(),
    QemuEvents.WRITE_AIO,
    QemuEvents.FLUSH_TO_DISK,
    new Event("wal_append")
  };

  @Test
  void decidesAsTheModel() {
    RandomCases.run("operations", 3000, OperationModelTest::oneRun);
  }

  private static void oneRun(RandomGenerator random) {
    List<Rule> rules = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      rules.add(rule(random));
    }
    FaultEngine engine = new FaultEngine(rules);
    Model model = new Model(rules);
    // The same again and again, as of open files: they remember which rules are about others.
    List<Target> targets = new ArrayList<>();
    for (String path : PATHS) {
      targets.add(Target.of(path));
    }
    for (int step = 0; step < 40; step++) {
      int what = random.nextInt(16);
      if (what == 0) {
        Rule rule = rule(random);
        engine.add(List.of(rule));
        model.add(rule);
        rules.add(rule);
      } else if (what == 1) {
        Rule rule = rules.get(random.nextInt(rules.size()));
        engine.remove(List.of(rule));
        model.remove(rule);
      } else if (what < 4) {
        Event event = EVENTS[5 + random.nextInt(3)];
        engine.announce(event);
        model.announce(event);
      } else {
        Operation operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
        Target target = targets.get(random.nextInt(PATHS.length));
        boolean ranged =
            operation.type() == RequestType.READ || operation.type() == RequestType.WRITE;
        long offset = ranged ? random.nextInt(2000) : 0;
        long bytes = ranged ? random.nextInt(1000) : 0;
        String expected = model.perform(operation, target, offset, bytes);
        assertThat(engine.perform(operation, target, offset, bytes))
            .as("step %d: %s %s %d+%d of %s", step, operation, target, offset, bytes, rules)
            .hasToString(expected);
      }
      assertThat(engine.snapshot().state()).isEqualTo(model.state);
    }
  }

  private static Rule rule(RandomGenerator random) {
    RuleBuilder rule =
        RuleBuilder.on(EVENTS[random.nextInt(EVENTS.length)]).state(random.nextInt(3));
    if (random.nextBoolean()) {
      rule = rule.path(GLOBS[random.nextInt(GLOBS.length)]);
    }
    if (random.nextInt(4) == 0) {
      rule = rule.range(random.nextInt(2000), 1 + random.nextInt(500));
    }
    if (random.nextInt(4) == 0) {
      rule = rule.sector(random.nextInt(4));
    }
    if (random.nextInt(3) == 0) {
      rule = rule.occurrence(1 + random.nextInt(4));
    }
    if (random.nextInt(3) == 0) {
      rule = rule.times(1 + random.nextInt(3));
    }
    if (random.nextInt(4) == 0) {
      rule = rule.chance(50, new Seed(random.nextInt(100)));
    }
    if (random.nextInt(4) == 0) {
      rule = rule.once();
    }
    return switch (random.nextInt(6)) {
      case 0 -> rule.setState(random.nextInt(3));
      case 1 -> rule.shortTransfer(1 + random.nextInt(9));
      case 2 -> rule.cutPower();
      case 3 -> rule.fail(Errno.SUCCESS);
      default -> rule.fail(Errno.of(1 + random.nextInt(30)));
    };
  }

  /** One rule of the model. */
  private static final class Counted {
    final Rule rule;
    final RuleFilter filter;
    final RandomGenerator random;
    long matches;
    long fired;
    boolean gone;

    Counted(Rule rule) {
      this.rule = rule;
      this.filter = rule instanceof SetState set ? set.filter() : ((RequestRule) rule).filter();
      this.random = filter.chance() < 100 ? filter.seed().random() : null;
    }

    int state() {
      return rule instanceof SetState set ? set.state() : ((RequestRule) rule).state();
    }

    boolean applies(Event event, int state) {
      return !gone && rule.event().equals(event) && (state() == 0 || state() == state);
    }

    boolean fits(RequestType type, Target target, long offset, long bytes) {
      if (filter.path().isPresent()
          && (target == null || !filter.path().get().matches(target.path()))) {
        return false;
      }
      if (filter.range().isPresent()) {
        RuleFilter.ByteRange range = filter.range().get();
        if (bytes == 0
            || offset >= range.offset() + range.bytes()
            || offset + bytes <= range.offset()) {
          return false;
        }
      }
      if (rule instanceof RequestRule request) {
        if (type != null && !request.types().contains(type)) {
          return false;
        }
        if (request.sector().isPresent()) {
          long at = request.sector().getAsLong() * 512;
          return at >= offset && at < offset + bytes;
        }
      }
      return true;
    }

    boolean mayFire() {
      matches++;
      return matches >= filter.occurrence()
          && fired < filter.times()
          && (random == null || random.nextDouble() * 100 < filter.chance());
    }
  }

  /** All rules, looked at one by one. */
  private static final class Model {
    final List<Counted> rules = new ArrayList<>();
    List<Counted> active = List.of();
    Event armedBy;
    int armedIn;
    int state = 1;

    Model(List<Rule> given) {
      given.forEach(rule -> rules.add(new Counted(rule)));
    }

    void add(Rule rule) {
      rules.add(new Counted(rule));
      if (armedBy != null) {
        active = about(armedBy, armedIn);
      }
    }

    void remove(Rule rule) {
      rules.stream().filter(counted -> counted.rule.equals(rule)).forEach(c -> c.gone = true);
    }

    private List<Counted> about(Event event, int inState) {
      return rules.stream()
          .filter(r -> r.rule instanceof RequestRule && r.applies(event, inState))
          .toList();
    }

    private void changeState(Event event, int before, Target target, long offset, long bytes) {
      Counted chosen = null;
      for (Counted counted : rules) {
        if (!(counted.rule instanceof SetState) || !counted.applies(event, before)) {
          continue;
        }
        if (counted.fits(null, target, offset, bytes) && counted.mayFire() && chosen == null) {
          chosen = counted;
        }
        if (counted.filter.isNone()) {
          break;
        }
      }
      if (chosen != null) {
        chosen.fired++;
        state = ((SetState) chosen.rule).newState();
      }
    }

    void announce(Event event) {
      announce(event, 0, 0);
    }

    private void announce(Event event, long offset, long bytes) {
      int before = state;
      List<Counted> armed = about(event, before);
      if (!armed.isEmpty()) {
        active = armed;
        armedBy = event;
        armedIn = before;
      }
      changeState(event, before, null, offset, bytes);
    }

    String perform(Operation operation, Target target, long offset, long bytes) {
      if (operation.alias() != null) {
        announce(operation.alias(), offset, bytes);
      }
      int before = state;
      String own = decide(about(operation.event(), before), operation, target, offset, bytes);
      changeState(operation.event(), before, target, offset, bytes);
      if (operation.wider() != null) {
        String wider = decide(about(operation.wider(), before), operation, target, offset, bytes);
        own = own.equals("pass") ? wider : own;
        changeState(operation.wider(), before, target, offset, bytes);
      }
      return own.equals("pass") && operation.type() != null
          ? decide(active, operation, target, offset, bytes)
          : own;
    }

    private static String decide(
        List<Counted> from, Operation operation, Target target, long offset, long bytes) {
      Counted chosen = null;
      for (Counted counted : from) {
        if (!counted.gone
            && counted.fits(operation.type(), target, offset, bytes)
            && counted.mayFire()
            && chosen == null) {
          chosen = counted;
        }
      }
      if (chosen == null) {
        return "pass";
      }
      chosen.fired++;
      RequestRule rule = (RequestRule) chosen.rule;
      boolean passes = rule instanceof InjectError error && error.errno().equals(Errno.SUCCESS);
      chosen.gone = rule.once() && !passes;
      if (passes) {
        return "pass";
      }
      return switch (rule.kind()) {
        case INJECT_ERROR -> "fail with " + ((InjectError) rule).errno().name() + " by program";
        case SHORT_TRANSFER ->
            "shorten to " + ((ShortTransfer) rule).bytes().getAsLong() + " bytes by program";
        default -> "power cut by program";
      };
    }
  }
}
