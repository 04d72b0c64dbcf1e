package io.faultdisk.rules;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
 * and {@code new_state}. That is all in {@link Dialect#QEMU}.
 *
 * <h2>The options</h2>
 *
 * {@code inject-error.0.event}, {@code inject-error.0.errno}, {@code inject-error.1.event} and so
 * on, or {@code inject-error.event} if there is only one. They come after the sections of the file.
 *
 * <h2>Event names</h2>
 *
 * In {@link Dialect#QEMU} those of {@link QemuEvents}. In {@link Dialect#FAULTDISK} also the dotted
 * ones of 2014, those of {@link ConnectionPoint}, and names of your own: lower-case letters,
 * digits, {@code _}, {@code -} and {@code .}, beginning with a letter. Because a mistyped name
 * would be a rule that never applies, a name very close to one of QEMU's is refused, as is the name
 * of a request type. A name with a dot ({@code db.row_write}) is never taken for a mistyped one.
 *
 * <h2>Our own</h2>
 *
 * In {@link Dialect#FAULTDISK} there is a section for each kind of {@link RequestRule} but {@link
 * ShortTransfer}, and {@code errno} can be a name. A range is given by {@code start} and {@code
 * nr_sectors}, or {@code offset} and {@code bytes}; {@code occurrence} (alone: just that one),
 * {@code times}, {@code chance} and {@code seed} choose among the matches: see {@link RuleFilter}.
 * {@code expect-fired} says that a run without the rule's effect has failed. Rules about requests
 * go by their place in the file, whatever their kind.
 *
 * <p>In {@link Dialect#FILES} the events are those of {@link FileEvents} and your own. Of the
 * sections there are {@code [inject-error]}, {@code [set-state]}, {@code [short-transfer]} ({@link
 * ShortTransfer}) with {@code limit}, {@code [inject-corruption]}, {@code [tear-write]}, {@code
 * [drop-write]}, {@code [fail-flush]} and {@code [cut-power]} without {@code survivors}, all with
 * {@code path} and the other keys of {@link RuleFilter}.
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

  /** Whether a rule file is JSON: its first character that is not blank is a brace. */
  public static boolean isJson(byte[] content) {
    return new RuleFile("", content).isJson();
  }

  /** The names of the sections that a dialect has: {@code inject-error}. */
  public static List<String> sections(Dialect dialect) {
    return RuleSchema.in(dialect).stream().map(RuleSchema::section).toList();
  }

  /**
   * Reads the rules of a file.
   *
   * @throws UsageException at the first mistake
   */
  public static List<Rule> read(RuleFile file, Dialect dialect) throws UsageException {
    return read(Optional.of(file), Map.of(), dialect);
  }

  /**
   * Reads the rules of a file and then those of dotted options.
   *
   * <p>Outside {@link Dialect#QEMU} the file is JSON if its first character is a brace: the
   * sections are arrays of objects, or single objects, {@code {"inject-error": [{"event": "fsync",
   * "errno": "EIO"}]}}.
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
    if (dialect != Dialect.QEMU && file.isPresent() && file.get().isJson()) {
      List<Rule> ofFile = new ArrayList<>(readJson(file.get(), dialect));
      List<Rule> others = read(Optional.empty(), options, dialect);
      ofFile.addAll(others);
      // Stable, and false comes first.
      ofFile.sort(Comparator.comparing(SetState.class::isInstance));
      return List.copyOf(ofFile);
    }
    RuleSources sources = new RuleSources(dialect);
    if (file.isPresent()) {
      new RuleFileParser(file.get(), sources).parse();
    }
    for (RuleSchema schema : RuleSchema.in(dialect)) {
      new DottedRules(schema, sources).read(options);
    }
    return sources.build();
  }

  private static List<Rule> readJson(RuleFile file, Dialect dialect) throws UsageException {
    try {
      return read(Optional.empty(), JsonRules.options(file.content(), dialect), dialect);
    } catch (UsageException e) {
      throw new UsageException(
          file.name() + ": " + e.getMessage(), e.hints().toArray(new String[0]));
    }
  }

  /**
   * Reads one rule.
   *
   * @param section the name of its section: {@code inject-error}
   * @param keys the section's keys and their values as text: {@code event}, {@code errno}, ...
   * @param source where to say that the rule comes from
   * @throws UsageException at the first mistake
   */
  public static Rule readOne(
      String section, Map<String, String> keys, Source source, Dialect dialect)
      throws UsageException {
    RuleSources sources = new RuleSources(dialect);
    Section read = new Section(source);
    keys.forEach(
        (key, value) -> read.entries.put(ByteText.encode(key), Section.Entry.option(value)));
    sources.add(ByteText.encode(section), read);
    return sources.build().get(0);
  }

  /** The keys that a section can have, without {@code id}. */
  public static List<String> keys(String section, Dialect dialect) {
    return RuleSchema.named(section, dialect)
        .map(schema -> List.copyOf(schema.keys(dialect).keySet()))
        .orElse(List.of());
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
    requests.sort((one, other) -> Integer.compare(one.section.place(), other.section.place()));
    RuleMaker maker = new RuleMaker(dialect, complaints);
    List<Rule> rules = new ArrayList<>();
    for (RuleOptions read : requests) {
      rules.add(maker.requestRule(read));
    }
    for (RuleOptions read : options.getOrDefault(RuleSchema.SET_STATE, List.of())) {
      rules.add(maker.setState(read));
    }
    return List.copyOf(rules);
  }
}
