package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * All that can be wrong with rules, in words.
 *
 * <p>The sentences are QEMU's. In {@link Dialect#FAULTDISK} the place goes in front and a hint says
 * what to do. Stateless; safe from any thread.
 */
final class Complaints {
  private final Dialect dialect;

  Complaints(Dialect dialect) {
    this.dialect = dialect;
  }

  // ---- the file

  UsageException parseError(Source place, boolean continued) {
    return at(
        place,
        "parse error",
        continued
            ? "A line is read in pieces of at most 1023 bytes, and this piece is blank."
            : "A line of blanks is not an empty line here: remove the blanks.");
  }

  UsageException noGroup(Source place) {
    return at(place, "no group defined", "Begin with a line " + sections(" or ") + ".");
  }

  UsageException noOptionGroup(Source place, String name) {
    if (dialect == Dialect.FILES && RuleSchema.named(name, Dialect.FAULTDISK).isPresent()) {
      return at(
          place,
          "[" + name + "] is for disks only",
          "For files there are " + sections(" and ") + ".");
    }
    boolean open = name.endsWith("\n");
    String shown =
        open && dialect == Dialect.FAULTDISK ? name.substring(0, name.length() - 1) : name;
    return at(
        place,
        "There is no option group '" + ByteText.decode(shown) + "'",
        open
            ? "The closing ']' is missing."
            : "The sections are " + sections(" and ") + ", without blanks inside.");
  }

  /** {@code [inject-error], [set-state] and [cut-power]}. */
  private String sections(String last) {
    List<String> names = new ArrayList<>();
    for (RuleSchema schema : RuleSchema.in(dialect)) {
      names.add("[" + schema.section() + "]");
    }
    int end = names.size() - 1;
    return String.join(", ", names.subList(0, end)) + last + names.get(end);
  }

  // ---- ids

  UsageException notAnIdentifier(Section section) {
    return new UsageException(
        prefix(section.placeOf(Section.ID)) + "Parameter 'id' expects an identifier",
        "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
  }

  UsageException duplicateId(Section section, String id, RuleSchema schema) {
    return at(
        section.placeOf(Section.ID),
        "Duplicate ID '" + id + "' for " + schema.section(),
        "Ids are for you alone: choose another, or leave it out.");
  }

  // ---- keys and values

  UsageException invalidParameter(RuleOptions options, String key) {
    return at(
        options.section.placeOf(key),
        "Invalid parameter '" + ByteText.decode(key) + "'",
        keyHint(options.schema, key));
  }

  private String keyHint(RuleSchema schema, String key) {
    int equals = key.indexOf('=');
    if (equals > 0) {
      String name = ByteText.decode(key.substring(0, equals));
      return "Put a blank before '=': " + name + " = \"...\"";
    }
    if (key.startsWith("#")) {
      return "A comment's '#' must be the first character of the line.";
    }
    if (key.startsWith("\"")) {
      return "Only the value is quoted, not the key.";
    }
    return "["
        + schema.section()
        + "] has the keys "
        + String.join(", ", schema.keys(dialect).keySet())
        + ".";
  }

  UsageException notANumber(RuleOptions options, String key, Section.Entry entry) {
    String hint;
    if (entry.unquoted().isPresent() || unterminated(entry)) {
      hint = quotesHint(key, entry);
    } else if (key.equals("errno") && dialect != Dialect.QEMU) {
      hint = "A name such as ENOSPC or EIO, or a number.";
    } else if (key.equals("sector")) {
      hint = "Sectors count 512 bytes each; there are no suffixes.";
    } else {
      hint = "Decimal, 0x hexadecimal or 0 octal, without suffix.";
    }
    return at(options.section.placeOf(key), "Parameter '" + key + "' expects a number", hint);
  }

  UsageException numberTooLarge(RuleOptions options, String key, Section.Entry entry) {
    return at(
        options.section.placeOf(key),
        "Value '" + entry.value() + "' is too large for parameter '" + key + "'",
        "Numbers have at most 64 bits.");
  }

  UsageException notABool(RuleOptions options, String key, Section.Entry entry) {
    return at(
        options.section.placeOf(key),
        "Parameter '" + key + "' expects 'on' or 'off'",
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint(key, entry)
            : "on, yes, true, y or off, no, false, n; in lower case.");
  }

  UsageException tooSmall(RuleOptions options, String key, Section.Entry entry, long least) {
    return at(
        options.section.placeOf(key),
        "Parameter '" + key + "' expects a number of at least " + least,
        "'" + entry.value() + "' is not; leave the key out if there is nothing to say.");
  }

  UsageException notAPercentage(RuleOptions options, String key, Section.Entry entry) {
    return at(
        options.section.placeOf(key),
        "Parameter '" + key + "' expects percent",
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint(key, entry)
            : "More than 0 and at most 100, such as \"2.5\".");
  }

  // ---- rules for files

  UsageException notAGlob(RuleOptions options, PatternSyntaxException why) {
    return at(
        options.section.placeOf("path"),
        "'" + why.getPattern() + "' is not a path pattern",
        why.getDescription()
            + ". Patterns have *, **, ?, [a-z], {log,wal}; a backslash goes before"
            + " such a character that is meant.");
  }

  UsageException notForEvent(RuleOptions options, String key, String why) {
    return at(options.section.placeOf(key), "This rule can never apply", why);
  }

  UsageException unknownWord(RuleOptions options, String key, Section.Entry entry) {
    return at(
        options.section.placeOf(key),
        "invalid parameter value: " + entry.value(),
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint(key, entry)
            : words(options.schema, key));
  }

  private static String words(RuleSchema schema, String key) {
    return switch (key) {
      case "when" ->
          "A request fails when = \"before\" (it has done nothing) or \"after\" (it has done all,"
              + " and the caller sees the error).";
      case "part" ->
          "What reaches the medium is part = \"first\", \"last\" or \"random\" of the sectors.";
      case "then" -> "After a torn write comes then = \"success\", \"error\" or \"power-cut\".";
      default ->
          schema == RuleSchema.CONNECTION_FAULT
              ? "A connection goes wrong by mode = "
                  + Arrays.stream(ConnectionFault.Mode.values())
                      .map(mode -> "\"" + mode + "\"")
                      .collect(Collectors.joining(", "))
                  + "."
              : "A flush fails by mode = \"drop\" (error, and the data never becomes durable),"
                  + " \"keep\" (error, and the next flush may succeed) or \"lie\" (no error, and"
                  + " nothing is durable).";
    };
  }

  // ---- rules for disks

  UsageException noEffect(RuleOptions options, String key, String why) {
    return at(options.section.placeOf(key), "Parameter '" + key + "' has no effect here", why);
  }

  UsageException notOfKind(RuleOptions options, RequestType type) {
    String types =
        options.schema.kind.types().stream()
            .map(RequestType::wireName)
            .collect(Collectors.joining(", "));
    return notForEvent(
        options,
        "iotype",
        "["
            + options.schema.section()
            + "] can do nothing to "
            + type
            + ", only to "
            + types
            + ".");
  }

  UsageException notATag(RuleOptions options) {
    return at(
        options.section.placeOf("suspend"),
        "Parameter 'suspend' expects a tag",
        "Any name: 'resume NAME' lets the request go on.");
  }

  UsageException notAnError(RuleOptions options) {
    return at(
        options.section.placeOf("errno"),
        "Parameter 'errno' expects an error",
        "For example EIO; 0 is success.");
  }

  UsageException oneTarget(RuleOptions options, boolean both) {
    return at(
        options.section.source,
        both ? "The target is given twice" : "The target is missing",
        "Say where the write lands: either to = \"SECTOR\", or by = \"SECTORS\" further on,"
            + " negative for before.");
  }

  UsageException notASector(RuleOptions options, String key) {
    return at(
        options.section.placeOf(key),
        "Parameter '" + key + "' goes beyond 63 bits",
        "Sectors count 512 bytes each.");
  }

  UsageException missingRange(RuleOptions options) {
    return at(
        options.section.source,
        "The range is missing",
        "Say which blocks are bad: 'start' and 'nr_sectors', which count 512 bytes each, or"
            + " 'offset' and 'bytes'.");
  }

  /** What a text of its own syntax is complained of by whoever reads it. */
  UsageException unreadable(
      RuleOptions options, String key, Section.Entry entry, UsageException why) {
    return at(
        options.section.placeOf(key),
        String.valueOf(why.getMessage()),
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint(key, entry)
            : String.join(" ", why.hints()));
  }

  UsageException rangeTooLarge(RuleOptions options) {
    return at(
        options.section.source,
        "The range goes beyond 63 bits",
        "Leave its length out to mean everything from its start on.");
  }

  UsageException twoRanges(RuleOptions options) {
    return at(
        options.section.source,
        "The range is given twice",
        "Either 'offset' and 'bytes', or 'start' and 'nr_sectors', which count 512 bytes each.");
  }

  private static boolean unterminated(Section.Entry entry) {
    return entry.value().endsWith("\n");
  }

  private static String quotesHint(String key, Section.Entry entry) {
    String value = entry.unquoted().orElse(entry.value()).strip();
    return "Write the value in double quotes: " + key + " = \"" + value + "\"";
  }

  // ---- rules

  UsageException missingEvent(RuleOptions options) {
    return at(
        options.section.source,
        "Missing event name for rule",
        dialect == Dialect.FILES
            ? "For example event = \"fsync\"."
            : "For example event = \"write_aio\", or event = \"none\" to apply from the start.");
  }

  UsageException unknownEvent(RuleOptions options, Section.Entry entry) {
    return at(
        options.section.placeOf("event"),
        "invalid parameter value: " + entry.value(),
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint("event", entry)
            : eventHint(entry.value()));
  }

  private String eventHint(String name) {
    if (dialect == Dialect.FILES) {
      return fileEventHint(name);
    }
    Optional<Event> nearest = EventNames.nearest(name);
    if (nearest.isPresent()) {
      return "Did you mean '"
          + nearest.get()
          + "'? For an event of your own choose a name less like it, or one with a dot.";
    }
    if (RequestType.named(name).isPresent()) {
      return "That is a request type: choose an event, such as read_aio, write_aio or none, and"
          + " iotype = \""
          + name
          + "\".";
    }
    return "Events are named in lower case, with digits, '_', '-' and '.', starting with a letter.";
  }

  private static String fileEventHint(String name) {
    Optional<Operation> nearest = EventNames.nearestOperation(name);
    if (nearest.isPresent()) {
      return "Did you mean '"
          + nearest.get()
          + "'? For an event of your own choose a name less like it, or one with a dot.";
    }
    if (QemuEvents.named(name).isPresent()) {
      return "A file system has no such event; it announces read, write, fsync, rename and so on.";
    }
    return "Events are named in lower case, with digits, '_', '-' and '.', starting with a letter.";
  }

  UsageException unknownType(RuleOptions options, Section.Entry entry) {
    String names =
        Arrays.stream(RequestType.values())
            .map(RequestType::wireName)
            .collect(Collectors.joining(", "));
    return at(
        options.section.placeOf("iotype"),
        "invalid parameter value: " + entry.value(),
        entry.unquoted().isPresent() || unterminated(entry)
            ? quotesHint("iotype", entry)
            : "Request types are " + names + ".");
  }

  /**
   * QEMU accepts these, and then the request that should fail succeeds without having been done.
   */
  UsageException negativeErrno(RuleOptions options, int errno) {
    return at(
        options.section.placeOf("errno"),
        "Parameter 'errno' must not be negative",
        errno == Integer.MIN_VALUE
            ? "For example 5, which is EIO."
            : "Write " + -errno + ", which is " + Errno.of(-errno) + ".");
  }

  // ---- dotted options

  UsageException unknownOption(RuleSchema schema, String key) {
    return at(
        Source.program(),
        "Unknown option '" + ByteText.decode(key) + "' for [" + schema.section() + "]",
        dottedHint(schema));
  }

  UsageException unusedOption(RuleSchema schema, String key) {
    return at(
        Source.program(),
        "Unused option '" + ByteText.decode(key) + "' for [" + schema.section() + "]",
        dottedHint(schema));
  }

  UsageException notKeys(RuleSchema schema, int index) {
    return at(
        Source.program(),
        "[" + schema.section() + "] section (index " + index + ") does not consist of keys",
        dottedHint(schema));
  }

  UsageException unsupportedOption(RuleOptions options, String key) {
    return at(
        options.section.source,
        "[" + options.schema.section() + "] section doesn't support the option '" + key + "'",
        "Its options are " + String.join(", ", options.schema.keys(dialect).keySet()) + ".");
  }

  private static String dottedHint(RuleSchema schema) {
    String name = schema.section();
    return "Write "
        + name
        + ".0.event, "
        + name
        + ".1.event and so on without gaps, or "
        + name
        + ".event if there is only one.";
  }

  // ----

  private UsageException at(Source place, String message, String hint) {
    return dialect == Dialect.QEMU
        ? new UsageException(message)
        : new UsageException(prefix(place) + message, hint);
  }

  private String prefix(Source place) {
    return dialect == Dialect.QEMU || place.equals(Source.program()) ? "" : place + ": ";
  }
}
