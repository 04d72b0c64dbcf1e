package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of the kinds of sections and the type of their values.
 *
 * <p>Source of the first two, without the keys for files: QEMU 7.2 {@code block/blkdebug.c}, the
 * two option lists.
 */
@SuppressWarnings(
    "ImmutableEnumChecker") // the maps cannot be changed, but their type does not show it
enum RuleSchema {
  /** {@code [inject-error]}. */
  INJECT_ERROR(
      Rule.Kind.INJECT_ERROR,
      keys(
          "event", Type.STRING,
          "state", Type.NUMBER,
          "iotype", Type.STRING,
          "errno", Type.NUMBER,
          "sector", Type.NUMBER,
          "once", Type.BOOL,
          "immediately", Type.BOOL),
      keys("errno", Type.ERRNO)),

  /** {@code [set-state]}. */
  SET_STATE(
      Rule.Kind.SET_STATE,
      keys("event", Type.STRING, "state", Type.NUMBER, "new_state", Type.NUMBER),
      keys()),

  /** {@code [short-transfer]}. */
  SHORT_TRANSFER(
      Rule.Kind.SHORT_TRANSFER,
      keys(),
      keys(
          "event", Type.STRING,
          "state", Type.NUMBER,
          "iotype", Type.STRING,
          "limit", Type.POSITIVE,
          "sector", Type.NUMBER,
          "once", Type.BOOL)),

  /** {@code [fail-flush]}. */
  FAIL_FLUSH(
      Rule.Kind.FAIL_FLUSH,
      keys(),
      keys(
          "event", Type.STRING,
          "state", Type.NUMBER,
          "mode", Type.STRING,
          "errno", Type.ERRNO,
          "once", Type.BOOL)),

  /** {@code [cut-power]}. */
  CUT_POWER(
      Rule.Kind.CUT_POWER,
      keys(),
      keys("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING));

  /** How a value is read. */
  enum Type {
    STRING,
    NUMBER,
    /** A number of at least 1. */
    POSITIVE,
    /** A number of at least 0. */
    OFFSET,
    /** A number or the name of an error. */
    ERRNO,
    /** More than 0, at most 100, with decimals. */
    PERCENT,
    BOOL
  }

  /** What every section for files has, see {@link RuleFilter}. */
  private static final Map<String, Type> FILTER =
      keys(
          "path", Type.STRING,
          "offset", Type.OFFSET,
          "bytes", Type.POSITIVE,
          "start", Type.OFFSET,
          "nr_sectors", Type.POSITIVE,
          "occurrence", Type.POSITIVE,
          "times", Type.POSITIVE,
          "chance", Type.PERCENT,
          "seed", Type.NUMBER);

  final Rule.Kind kind;

  /** In the order in which they are explained to people; none if QEMU has no such section. */
  private final Map<String, Type> qemuKeys;

  /** What files have beyond that, or differently, without {@link #FILTER}. */
  private final Map<String, Type> fileKeys;

  RuleSchema(Rule.Kind kind, Map<String, Type> qemuKeys, Map<String, Type> fileKeys) {
    this.kind = kind;
    this.qemuKeys = qemuKeys;
    this.fileKeys = fileKeys;
  }

  private static Map<String, Type> keys(Object... namesAndTypes) {
    Map<String, Type> keys = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      keys.put((String) namesAndTypes[i], (Type) namesAndTypes[i + 1]);
    }
    return Collections.unmodifiableMap(keys);
  }

  /** The keys in a dialect, in the order in which they are explained to people. */
  Map<String, Type> keys(Dialect dialect) {
    if (dialect != Dialect.FILES) {
      return qemuKeys;
    }
    Map<String, Type> all = new LinkedHashMap<>(qemuKeys);
    all.putAll(fileKeys);
    all.putAll(FILTER);
    return all;
  }

  /** The section name, {@code inject-error}. */
  String section() {
    return kind.wireName();
  }

  /** The sections of a dialect. */
  static List<RuleSchema> in(Dialect dialect) {
    List<RuleSchema> schemas = new ArrayList<>();
    for (RuleSchema schema : values()) {
      if (dialect == Dialect.FILES || !schema.qemuKeys.isEmpty()) {
        schemas.add(schema);
      }
    }
    return schemas;
  }

  static Optional<RuleSchema> named(String section, Dialect dialect) {
    return in(dialect).stream().filter(schema -> schema.section().equals(section)).findFirst();
  }
}
