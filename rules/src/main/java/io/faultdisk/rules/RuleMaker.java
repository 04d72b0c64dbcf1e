package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Makes rules of sections whose values have their types: looks up names, and refuses what makes no
 * sense together. Stateless; safe from any thread.
 */
final class RuleMaker {
  private final Dialect dialect;
  private final Complaints complaints;

  RuleMaker(Dialect dialect, Complaints complaints) {
    this.dialect = dialect;
    this.complaints = complaints;
  }

  SetState setState(RuleOptions read) throws UsageException {
    return new SetState(
        event(read),
        read.number32("state", 0),
        read.number32("new_state", 0),
        filter(read, false, false),
        read.bool("expect-fired"),
        source(read));
  }

  RequestRule requestRule(RuleOptions read) throws UsageException {
    RequestRule rule =
        switch (read.schema) {
          case INJECT_ERROR -> injectError(read);
          case SHORT_TRANSFER ->
              new ShortTransfer(match(read, false), optional(read.number("limit")));
          case CORRUPT -> {
            long bits = read.number("bits").orElse(1L);
            // More than there can be in a request.
            yield new Corrupt(match(read, true), (int) Math.min(bits, Integer.MAX_VALUE));
          }
          case TEAR_WRITE -> tearWrite(read);
          case DROP_WRITE -> new DropWrite(match(read, false));
          case MISDIRECT_WRITE -> misdirectWrite(read);
          case STALE_READ -> new StaleRead(match(read, false));
          case FAIL_FLUSH -> failFlush(read);
          case CUT_POWER -> {
            Survivors survivors = survivors(read);
            yield new CutPower(match(read, survivors.kind() == Survivors.Kind.RANDOM), survivors);
          }
          case BAD_BLOCKS -> badBlocks(read);
          case CONNECTION_FAULT -> connectionFault(read);
          case SET_STATE -> throw new IllegalStateException("set-state is not about requests");
        };
    switch (dialect) {
      case QEMU -> {}
      case FAULTDISK -> appliesToDisks(rule, read);
      case FILES -> appliesToFiles(rule, read);
    }
    return rule;
  }

  // ---- the kinds

  private InjectError injectError(RuleOptions read) throws UsageException {
    RuleMatch match = match(read, false);
    InjectError.When when = word(read, "when", InjectError.When.values(), InjectError.When.BEFORE);
    Optional<String> suspend = read.text("suspend").map(Section.Entry::value);
    if (suspend.isPresent() && suspend.get().isBlank()) {
      throw complaints.notATag(read);
    }
    InjectError rule =
        new InjectError(
            match,
            errno(read),
            read.bool("immediately"),
            when,
            read.number("delay-ns").orElse(0L),
            suspend);
    if (!rule.fails() && read.text("when").isPresent()) {
      throw complaints.noEffect(
          read, "when", "With errno = \"0\" nothing fails: leave 'when' out, or give an error.");
    }
    return rule;
  }

  private TearWrite tearWrite(RuleOptions read) throws UsageException {
    TearWrite.Part part = word(read, "part", TearWrite.Part.values(), TearWrite.Part.FIRST);
    TearWrite.Then then = word(read, "then", TearWrite.Then.values(), TearWrite.Then.ERROR);
    if (then != TearWrite.Then.ERROR && read.number("errno").isPresent()) {
      throw complaints.noEffect(
          read, "errno", "Only with then = \"error\" the caller gets one: leave 'errno' out.");
    }
    return new TearWrite(
        match(read, part == TearWrite.Part.RANDOM),
        optional(read.number("sectors")),
        part,
        then,
        error(read));
  }

  private MisdirectWrite misdirectWrite(RuleOptions read) throws UsageException {
    OptionalLong to = optional(read.number("to"));
    OptionalLong by = optional(read.number("by"));
    if (to.isPresent() == by.isPresent()) {
      throw complaints.oneTarget(read, to.isPresent());
    }
    String key = to.isPresent() ? "to" : "by";
    long distance = to.isPresent() ? to.getAsLong() : Math.abs(by.getAsLong());
    if (!MisdirectWrite.isSector(distance)) {
      throw complaints.notASector(read, key);
    }
    if (by.isPresent() && distance == 0) {
      throw complaints.noEffect(read, key, "The write would land where it should.");
    }
    return new MisdirectWrite(match(read, false), to, by);
  }

  private FailFlush failFlush(RuleOptions read) throws UsageException {
    FailFlush.Mode mode = word(read, "mode", FailFlush.Mode.values(), FailFlush.Mode.DROP);
    if (dialect == Dialect.FILES) {
      return new FailFlush(match(read, false), mode, errno(read));
    }
    if (mode == FailFlush.Mode.LIE && read.number("errno").isPresent()) {
      throw complaints.noEffect(
          read, "errno", "With mode = \"lie\" the caller gets none: leave 'errno' out.");
    }
    return new FailFlush(match(read, false), mode, error(read));
  }

  private Survivors survivors(RuleOptions read) throws UsageException {
    Optional<Section.Entry> entry = read.text("survivors");
    if (entry.isEmpty()) {
      return Survivors.none();
    }
    try {
      return Survivors.parse(entry.get().value());
    } catch (UsageException unreadable) {
      throw complaints.unreadable(read, "survivors", entry.get(), unreadable);
    }
  }

  private BadBlocks badBlocks(RuleOptions read) throws UsageException {
    RuleMatch match = match(read, false);
    if (match.filter().range().isEmpty()) {
      throw complaints.missingRange(read);
    }
    return new BadBlocks(match, error(read));
  }

  private ConnectionFault connectionFault(RuleOptions read) throws UsageException {
    RuleMatch match = match(read, false);
    Optional<ConnectionPoint> point = ConnectionPoint.named(match.event().name());
    if (point.isEmpty()) {
      throw complaints.notForEvent(
          read, "event", "Connections go wrong at nbd_reply or at nbd_connect.");
    }
    boolean connects = point.get() == ConnectionPoint.CONNECT;
    ConnectionFault.Mode mode =
        word(
            read,
            "mode",
            ConnectionFault.Mode.values(),
            connects ? ConnectionFault.Mode.REFUSE : ConnectionFault.Mode.DROP_AFTER_HEADER);
    if (mode.point() != point.get()) {
      throw complaints.notForEvent(
          read, "mode", "'" + mode + "' goes with event = \"" + mode.point().event() + "\".");
    }
    for (String key : new String[] {"iotype", "offset", "bytes", "start", "nr_sectors"}) {
      if (connects && read.text(key).isPresent()) {
        throw complaints.noEffect(
            read, key, "A client that connects has no request yet: leave '" + key + "' out.");
      }
    }
    if (mode != ConnectionFault.Mode.LATE_REPLY && read.text("delay-ns").isPresent()) {
      throw complaints.noEffect(
          read, "delay-ns", "Only mode = \"late-reply\" waits: leave 'delay-ns' out.");
    }
    return new ConnectionFault(
        match, mode, read.number("delay-ns").orElse(ConnectionFault.DELAY_NANOS_DEFAULT));
  }

  // ---- what they have in common

  private RuleMatch match(RuleOptions read, boolean random) throws UsageException {
    boolean once = read.bool("once") || read.schema == RuleSchema.CUT_POWER;
    return new RuleMatch(
        event(read),
        read.number32("state", 0),
        types(read),
        sector(read),
        once,
        filter(read, once, random),
        read.bool("expect-fired"),
        source(read));
  }

  private Event event(RuleOptions read) throws UsageException {
    Optional<Section.Entry> entry = read.text("event");
    if (entry.isEmpty()) {
      throw complaints.missingEvent(read);
    }
    String name = entry.get().value();
    Optional<Event> event = QemuEvents.named(name, dialect);
    if (event.isEmpty()) {
      throw complaints.unknownEvent(read, entry.get());
    }
    return event.get();
  }

  private Set<RequestType> types(RuleOptions read) throws UsageException {
    Optional<Section.Entry> entry = read.text("iotype");
    if (entry.isEmpty()) {
      return RequestType.defaultTypes();
    }
    Optional<RequestType> type = RequestType.named(entry.get().value());
    if (type.isEmpty()) {
      throw complaints.unknownType(read, entry.get());
    }
    if (!read.schema.kind.types().contains(type.get())) {
      throw complaints.notOfKind(read, type.get());
    }
    return EnumSet.of(type.get());
  }

  private static OptionalLong sector(RuleOptions read) {
    long sector = read.number("sector").orElse(-1L);
    return sector == -1 ? OptionalLong.empty() : OptionalLong.of(sector);
  }

  private Errno errno(RuleOptions read) throws UsageException {
    int errno = read.number32("errno", Errno.EIO.number());
    if (errno < 0) {
      throw complaints.negativeErrno(read, errno);
    }
    return Errno.of(errno);
  }

  /** The same where success makes no sense. */
  private Errno error(RuleOptions read) throws UsageException {
    Errno errno = errno(read);
    if (errno.equals(Errno.SUCCESS)) {
      throw complaints.notAnError(read);
    }
    return errno;
  }

  private <E extends Enum<E>> E word(RuleOptions read, String key, E[] values, E otherwise)
      throws UsageException {
    Optional<Section.Entry> entry = read.text(key);
    if (entry.isEmpty()) {
      return otherwise;
    }
    for (E value : values) {
      if (value.toString().equals(entry.get().value())) {
        return value;
      }
    }
    throw complaints.unknownWord(read, key, entry.get());
  }

  /**
   * An occurrence that is asked for is the only one, unless {@code times} says otherwise.
   *
   * @param once whether the rule is consumed by its first effect
   * @param random whether its effect hangs on the seed even without a chance
   */
  private RuleFilter filter(RuleOptions read, boolean once, boolean random) throws UsageException {
    RuleFilter filter = RuleFilter.NONE;
    Optional<Section.Entry> path = read.text("path");
    if (path.isPresent()) {
      try {
        filter = filter.withPath(PathGlob.of(path.get().value()));
      } catch (PatternSyntaxException e) {
        throw complaints.notAGlob(read, e);
      }
    }
    Optional<RuleFilter.ByteRange> range = range(read);
    if (range.isPresent()) {
      filter = filter.withRange(range.get().offset(), range.get().bytes());
    }
    Optional<Long> occurrence = read.number("occurrence");
    if (occurrence.isPresent()) {
      filter = filter.withOccurrence(occurrence.get()).withTimes(1);
    }
    Optional<Long> times = read.number("times");
    if (times.isPresent()) {
      filter = filter.withTimes(once ? 1 : times.get());
    }
    Optional<Double> chance = read.percent("chance");
    Optional<Long> seed = read.number("seed");
    if (chance.isPresent() || random) {
      filter = filter.withChance(chance.orElse(100.0), new Seed(seed.orElse(0L)));
    } else if (seed.isPresent() && dialect == Dialect.FAULTDISK) {
      throw complaints.noEffect(
          read, "seed", "Nothing is left to chance: give a chance = \"50\", or leave 'seed' out.");
    }
    return filter;
  }

  /** In bytes, or in sectors of 512; both ends can be left out. */
  private Optional<RuleFilter.ByteRange> range(RuleOptions read) throws UsageException {
    Optional<Long> offset = read.number("offset");
    Optional<Long> bytes = read.number("bytes");
    Optional<Long> start = read.number("start");
    Optional<Long> sectors = read.number("nr_sectors");
    boolean inBytes = offset.isPresent() || bytes.isPresent();
    boolean inSectors = start.isPresent() || sectors.isPresent();
    if (!inBytes && !inSectors) {
      return Optional.empty();
    }
    if (inBytes && inSectors) {
      throw complaints.twoRanges(read);
    }
    long unit = inBytes ? 1 : InjectError.SECTOR_BYTES;
    long from = (inBytes ? offset : start).orElse(0L);
    Optional<Long> count = inBytes ? bytes : sectors;
    long mostUnits = Long.MAX_VALUE / unit;
    if (from > mostUnits || (count.isPresent() && count.get() > mostUnits - from)) {
      throw complaints.rangeTooLarge(read);
    }
    return Optional.of(
        new RuleFilter.ByteRange(
            from * unit, count.isPresent() ? count.get() * unit : Long.MAX_VALUE - from * unit));
  }

  private static OptionalLong optional(Optional<Long> number) {
    return number.isPresent() ? OptionalLong.of(number.get()) : OptionalLong.empty();
  }

  private static Source source(RuleOptions read) {
    return read.section.source;
  }

  // ---- rules that could never apply

  private void appliesToDisks(RequestRule rule, RuleOptions read) throws UsageException {
    String event = rule.event().name();
    if (rule.kind() != Rule.Kind.CONNECTION_FAULT && ConnectionPoint.named(event).isPresent()) {
      throw complaints.notForEvent(
          read,
          "event",
          "At "
              + event
              + " there is no request: [inject-connection-fault] and [set-state] go"
              + " there.");
    }
    if (rule.types().equals(Set.of(RequestType.FLUSH)) && rule.filter().range().isPresent()) {
      throw complaints.notForEvent(
          read, "iotype", "A flush has no range: leave the range out, or iotype.");
    }
  }

  /** Refuses a rule on an operation that it can do nothing to. */
  private void appliesToFiles(RequestRule rule, RuleOptions read) throws UsageException {
    Optional<Operation> named = FileEvents.named(rule.event().name());
    if (named.isEmpty()) {
      return;
    }
    Operation operation = named.get();
    Optional<RequestType> type = operation.requestType();
    if (read.text("iotype").isPresent()
        && !(type.isPresent() && rule.types().contains(type.get()))) {
      throw complaints.notForEvent(
          read, "iotype", "The event '" + operation + "' says what is done: leave iotype out.");
    }
    boolean fits =
        switch (rule.kind()) {
          case SHORT_TRANSFER ->
              operation.equals(FileEvents.READ) || operation.equals(FileEvents.WRITE);
          case CORRUPT, TEAR_WRITE, DROP_WRITE, FAIL_FLUSH ->
              type.isPresent() && rule.kind().types().contains(type.get());
          default -> true;
        };
    if (!fits) {
      throw complaints.notForEvent(
          read,
          "event",
          switch (rule.kind()) {
            case SHORT_TRANSFER -> "Only read and write can be short.";
            case CORRUPT -> "Only read and write have bits that can be flipped.";
            case TEAR_WRITE, DROP_WRITE -> "Only write stores something.";
            default -> "Only fsync and fdatasync are flushes.";
          });
    }
    if (type.isEmpty()
        && rule instanceof InjectError error
        && error.when() == InjectError.When.AFTER) {
      throw complaints.notForEvent(
          read,
          "when",
          "Only read, write, fsync and fdatasync can fail when they are done: leave 'when' out.");
    }
  }
}
