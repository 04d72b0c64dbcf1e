package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Rules of every kind for disks, as a file can say them. */
final class RandomRules {
  private static final List<Errno> ERRORS = List.of(Errno.EIO, Errno.ENOSPC, Errno.of(77));

  private final RandomGenerator random;

  RandomRules(RandomGenerator random) {
    this.random = random;
  }

  /** Rules about requests, of all kinds but those for files. */
  RequestRule rule(List<Event> events, Source source) {
    Rule.Kind[] kinds = Rule.Kind.values();
    while (true) {
      Rule.Kind kind = kinds[random.nextInt(kinds.length)];
      if (!kind.types().isEmpty() && kind != Rule.Kind.SHORT_TRANSFER) {
        return rule(kind, events.get(random.nextInt(events.size())), source);
      }
    }
  }

  RequestRule rule(Rule.Kind kind, Event event, Source source) {
    return switch (kind) {
      case INJECT_ERROR -> injectError(match(kind, event, source, false));
      case CORRUPT -> new Corrupt(match(kind, event, source, true), 1 + random.nextInt(40));
      case TEAR_WRITE -> {
        TearWrite.Part part = any(TearWrite.Part.values());
        TearWrite.Then then = any(TearWrite.Then.values());
        yield new TearWrite(
            match(kind, event, source, part == TearWrite.Part.RANDOM),
            random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextInt(4)),
            part,
            then,
            then == TearWrite.Then.ERROR ? any(ERRORS) : Errno.EIO);
      }
      case DROP_WRITE -> new DropWrite(match(kind, event, source, false));
      case MISDIRECT_WRITE -> {
        boolean to = random.nextBoolean();
        long by = random.nextBoolean() ? -1 - random.nextInt(9) : 1 + random.nextInt(9);
        yield new MisdirectWrite(
            match(kind, event, source, false),
            to ? OptionalLong.of(random.nextInt(9)) : OptionalLong.empty(),
            to ? OptionalLong.empty() : OptionalLong.of(by));
      }
      case STALE_READ -> new StaleRead(match(kind, event, source, false));
      case FAIL_FLUSH -> {
        FailFlush.Mode mode = any(FailFlush.Mode.values());
        RuleMatch match = match(kind, event, source, false).withSector(-1);
        yield new FailFlush(
            match.withFilter(withoutRange(match.filter())),
            mode,
            mode == FailFlush.Mode.LIE ? Errno.EIO : any(ERRORS));
      }
      case CUT_POWER -> {
        Survivors survivors = survivors();
        boolean chosen = survivors.kind() == Survivors.Kind.RANDOM;
        RuleMatch match = match(kind, event, source, chosen).withOnce(true);
        // As the reader has it: what is consumed fires once.
        RuleFilter filter = match.filter();
        yield new CutPower(
            filter.times() == Long.MAX_VALUE ? match : match.withFilter(filter.withTimes(1)),
            survivors);
      }
      case BAD_BLOCKS -> {
        RuleMatch match = match(kind, event, source, false).withSector(-1);
        yield new BadBlocks(
            match.withFilter(
                match.filter().withRange(random.nextInt(5000), 1 + random.nextInt(5000))),
            any(ERRORS));
      }
      case CONNECTION_FAULT -> {
        ConnectionFault.Mode mode = any(ConnectionFault.Mode.values());
        RuleMatch match = match(kind, mode.point().event(), source, false).withSector(-1);
        boolean connect = mode.point() == ConnectionPoint.CONNECT;
        yield new ConnectionFault(
            connect
                ? match
                    .withTypes(RequestType.defaultTypes())
                    .withFilter(withoutRange(match.filter()))
                : match,
            mode,
            mode == ConnectionFault.Mode.LATE_REPLY
                ? random.nextInt(99)
                : ConnectionFault.DELAY_NANOS_DEFAULT);
      }
      case SHORT_TRANSFER, SET_STATE, BREAKPOINT -> throw new IllegalArgumentException("" + kind);
    };
  }

  private InjectError injectError(RuleMatch match) {
    Errno errno = random.nextInt(4) == 0 ? Errno.SUCCESS : any(ERRORS);
    InjectError rule = new InjectError(match, errno, random.nextBoolean());
    if (rule.fails() && random.nextBoolean()) {
      rule = rule.withWhen(InjectError.When.AFTER);
    }
    if (random.nextInt(3) == 0) {
      rule = rule.withDelayNanos(random.nextInt(99));
    }
    return random.nextInt(3) == 0 ? rule.withSuspend("tag " + random.nextInt(3)) : rule;
  }

  private Survivors survivors() {
    return switch (random.nextInt(4)) {
      case 0 -> Survivors.none();
      case 1 -> Survivors.all();
      case 2 -> Survivors.random();
      default -> {
        List<Survivors.Part> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          int first = 1 + random.nextInt(9);
          int from = random.nextInt(9);
          parts.add(
              new Survivors.Part(
                  first,
                  first + random.nextInt(3),
                  random.nextBoolean()
                      ? Optional.empty()
                      : Optional.of(new Survivors.Sectors(from, from + random.nextInt(3)))));
        }
        yield Survivors.of(parts);
      }
    };
  }

  /** Whether the seed counts even if there is no chance. */
  private RuleMatch match(Rule.Kind kind, Event event, Source source, boolean seeded) {
    Set<RequestType> types =
        kind.types().size() == 1 || random.nextBoolean()
            ? RequestType.defaultTypes()
            : Set.of(any(List.copyOf(kind.types())));
    boolean flush = types.equals(Set.of(RequestType.FLUSH));
    boolean once = random.nextInt(3) == 0;
    return RuleMatch.on(event)
        .withState(random.nextInt(3))
        .withTypes(types)
        .withSector(random.nextBoolean() ? -1 : random.nextInt(9))
        .withOnce(once)
        .withFilter(filter(once, seeded, flush))
        .withExpectFired(random.nextBoolean())
        .withSource(source)
        .of(kind);
  }

  /** What else must hold. */
  RuleFilter filter(boolean once, boolean seeded, boolean withoutRange) {
    RuleFilter filter = RuleFilter.NONE;
    if (!withoutRange && random.nextBoolean()) {
      filter = filter.withRange(random.nextInt(5000), 1 + random.nextInt(5000));
    }
    if (random.nextInt(3) == 0) {
      filter = filter.withOccurrence(1 + random.nextInt(3)).withTimes(1);
    }
    if (random.nextInt(3) == 0) {
      filter = filter.withTimes(once ? 1 : 1 + random.nextInt(3));
    }
    Seed seed = new Seed(random.nextLong());
    if (random.nextInt(4) == 0) {
      return filter.withChance((1 + random.nextInt(9_999)) / 100.0, seed);
    }
    return seeded ? filter.withChance(100, seed) : filter;
  }

  private static RuleFilter withoutRange(RuleFilter filter) {
    return new RuleFilter(
        filter.path(),
        Optional.empty(),
        filter.occurrence(),
        filter.times(),
        filter.chance(),
        filter.seed());
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
