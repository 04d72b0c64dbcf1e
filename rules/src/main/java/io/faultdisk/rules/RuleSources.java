package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Reads rules: QEMU's rule files and its dotted options. Text in, rules out; does no I/O.
 *
 * <h2>The file</h2>
 *
 * <pre>
 * # the second write fails
 * [set-state]
 * event = "write_aio"
 * state = "1"
 * new_state = "2"
 *
 * [inject-error]
 * event = "write_aio"
 * state = "2"
 * errno = "28"
 * once = "on"
 * </pre>
 *
 * The values must be in double quotes, with a blank before {@code =}. {@code [inject-error]} has
 * {@code event} (required), {@code state}, {@code iotype}, {@code errno}, {@code sector}, {@code
 * once} and {@code immediately}; {@code [set-state]} has {@code event} (required), {@code state}
 * and {@code new_state}.
 *
 * <h2>The options</h2>
 *
 * {@code inject-error.0.event}, {@code inject-error.0.errno}, {@code inject-error.1.event} and so
 * on, or {@code inject-error.event} if there is only one. They come after the sections of the file.
 *
 * <h2>Event names</h2>
 *
 * In {@link Dialect#QEMU} those of {@link QemuEvents}. In {@link Dialect#FAULTDISK} also the dotted
 * ones of 2014, and names of your own: lower-case letters, digits, {@code _}, {@code -} and {@code
 * .}, beginning with a letter. Because a mistyped name would be a rule that never applies, a name
 * very close to one of QEMU's is refused, as is the name of a request type. A name with a dot
 * ({@code db.row_write}) is never taken for a mistyped one.
 *
 * <h2>Files</h2>
 *
 * In {@link Dialect#FILES} the events are those of {@link FileEvents} and your own, {@code errno}
 * can be a name, and there are three more kinds of sections: {@code [short-transfer]} ({@link
 * ShortTransfer}) with {@code limit}, {@code [fail-flush]} ({@link FailFlush}) with {@code mode}
 * and {@code [cut-power]} ({@link CutPower}). All have {@code path}, {@code offset}, {@code bytes},
 * {@code occurrence} (alone: just that one), {@code times}, {@code chance} and {@code seed}: see
 * {@link RuleFilter}.
 */
public final class RuleSources {
  private final Dialect dialect;
  private final Complaints complaints;

  /** Complete sections of each kind, in rule order. */
  private final Map<RuleSchema, List<RuleOptions>> options = new EnumMap<>(RuleSchema.class);

  private final Map<RuleSchema, Set<String>> ids = new EnumMap<>(RuleSchema.class);

  private RuleSources(Dialect dialect) {
    this.dialect = dialect;
    this.complaints = new Complaints(dialect);
    for (RuleSchema schema : RuleSchema.in(dialect)) {
      options.put(schema, new ArrayList<>());
      ids.put(schema, new HashSet<>());
    }
  }

  /**
   * Reads the rules of a file, which is JSON if its first character is a brace.
   *
   * <p>In JSON the sections are arrays of objects, or single objects: {@code {"inject-error":
   * [{"event": "fsync", "errno": "EIO"}]}}.
   *
   * @throws UsageException at the first mistake
   */
  public static List<Rule> read(RuleFile file, Dialect dialect) throws UsageException {
    if (!file.isJson()) {
      return read(Optional.of(file), Map.of(), dialect);
    }
    try {
      return read(Optional.empty(), JsonRules.options(file.content(), dialect), dialect);
    } catch (UsageException e) {
      throw new UsageException(
          file.name() + ": " + e.getMessage(), e.hints().toArray(new String[0]));
    }
  }

  /**
   * Reads the rules of a file and then those of dotted options.
   *
   * @param file the rule file, if any
   * @param options dotted keys such as {@code inject-error.0.event} with their values as text; all
   *     that do not begin with the name of a section and a dot are ignored
   * @param dialect how strictly
   * @return all rules about requests in definition order, then all set-state rules
   * @throws UsageException at the first mistake
   */
  public static List<Rule> read(
      Optional<RuleFile> file, Map<String, String> options, Dialect dialect) throws UsageException {
    RuleSources sources = new RuleSources(dialect);
    if (file.isPresent()) {
      new RuleFileParser(file.get(), sources).parse();
    }
    for (RuleSchema schema : RuleSchema.in(dialect)) {
      new DottedRules(schema, sources).read(options);
    }
    return sources.build();
  }

  Complaints complaints() {
    return complaints;
  }

  /** In which order mistakes are looked for: QEMU's, or as written. */
  Collection<String> keyOrder(Collection<String> keys) {
    return dialect == Dialect.QEMU ? QemuKeyOrder.of(keys, StandardCharsets.ISO_8859_1) : keys;
  }

  /** A complete section of the file. */
  void add(String name, Section section) throws UsageException {
    Optional<RuleSchema> schema = RuleSchema.named(name, dialect);
    if (schema.isEmpty()) {
      throw complaints.noOptionGroup(section.source, name);
    }
    RuleOptions read = begin(schema.get(), section, section.id());
    for (String key : keyOrder(section.entries.keySet())) {
      Section.Entry entry = section.entries.get(key);
      if (entry != null && !key.equals(Section.ID)) {
        read.read(key, entry, complaints);
      }
    }
    end(read);
  }

  /** Claims the section's id. */
  RuleOptions begin(RuleSchema schema, Section section, Optional<String> id) throws UsageException {
    if (id.isPresent()) {
      if (!isIdentifier(id.get())) {
        throw complaints.notAnIdentifier(section);
      }
      if (!ids.getOrDefault(schema, Set.of()).add(id.get())) {
        throw complaints.duplicateId(section, id.get(), schema);
      }
    }
    return new RuleOptions(schema, section, dialect);
  }

  /** Files a section that is all right so far. */
  void end(RuleOptions read) {
    options.getOrDefault(read.schema, List.of()).add(read);
  }

  private static boolean isIdentifier(String id) {
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
      if (!letter && (i == 0 || !other)) {
        return false;
      }
    }
    return !id.isEmpty();
  }

  private List<Rule> build() throws UsageException {
    // In definition order across the kinds of rules about requests, since the first that matches
    // decides.
    List<RuleOptions> requests = new ArrayList<>();
    for (RuleSchema schema : RuleSchema.in(dialect)) {
      if (schema != RuleSchema.SET_STATE) {
        requests.addAll(options.getOrDefault(schema, List.of()));
      }
    }
    if (dialect == Dialect.FILES) {
      requests.sort((one, other) -> Integer.compare(one.section.place(), other.section.place()));
    }
    List<Rule> rules = new ArrayList<>();
    for (RuleOptions read : requests) {
      rules.add(requestRule(read));
    }
    for (RuleOptions read : options.getOrDefault(RuleSchema.SET_STATE, List.of())) {
      rules.add(
          new SetState(
              event(read),
              read.number32("state", 0),
              read.number32("new_state", 0),
              filter(read, false),
              false,
              source(read)));
    }
    return List.copyOf(rules);
  }

  private RequestRule requestRule(RuleOptions read) throws UsageException {
    RuleMatch match = match(read);
    RequestRule rule =
        switch (read.schema) {
          case INJECT_ERROR -> new InjectError(match, errno(read), read.bool("immediately"));
          case SHORT_TRANSFER ->
              new ShortTransfer(
                  match, read.number("limit").map(OptionalLong::of).orElse(OptionalLong.empty()));
          case FAIL_FLUSH -> new FailFlush(match, mode(read), errno(read));
          case CUT_POWER -> new CutPower(match);
          case SET_STATE -> throw new IllegalStateException("set-state is not about requests");
        };
    if (dialect == Dialect.FILES) {
      applies(rule, read);
    }
    return rule;
  }

  private RuleMatch match(RuleOptions read) throws UsageException {
    boolean once = read.bool("once") || read.schema == RuleSchema.CUT_POWER;
    return new RuleMatch(
        event(read),
        read.number32("state", 0),
        types(read),
        sector(read),
        once,
        filter(read, once),
        false,
        source(read));
  }

  private Errno errno(RuleOptions read) throws UsageException {
    int errno = read.number32("errno", Errno.EIO.number());
    if (errno < 0) {
      throw complaints.negativeErrno(read, errno);
    }
    return Errno.of(errno);
  }

  private static OptionalLong sector(RuleOptions read) {
    long sector = read.number("sector").orElse(-1L);
    return sector == -1 ? OptionalLong.empty() : OptionalLong.of(sector);
  }

  private FailFlush.Mode mode(RuleOptions read) throws UsageException {
    String name = read.text("mode").map(Section.Entry::value).orElse("drop");
    for (FailFlush.Mode mode : FailFlush.Mode.values()) {
      if (mode.wireName().equals(name)) {
        return mode;
      }
    }
    throw complaints.unknownMode(read, name);
  }

  /** An occurrence that is asked for is the only one, unless {@code times} says otherwise. */
  private RuleFilter filter(RuleOptions read, boolean once) throws UsageException {
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
    if (chance.isPresent()) {
      filter = filter.withChance(chance.get(), new Seed(read.number("seed").orElse(0L)));
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

  /** Refuses a rule on an operation that it can do nothing to. */
  private void applies(RequestRule rule, RuleOptions read) throws UsageException {
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
          case FAIL_FLUSH ->
              operation.equals(FileEvents.FSYNC) || operation.equals(FileEvents.FDATASYNC);
          default -> true;
        };
    if (!fits) {
      throw complaints.notForEvent(
          read,
          "event",
          rule.kind() == Rule.Kind.SHORT_TRANSFER
              ? "Only read and write can be short."
              : "Only fsync and fdatasync are flushes.");
    }
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
    return EnumSet.of(type.get());
  }

  private static Source source(RuleOptions read) {
    return read.section.source;
  }
}
