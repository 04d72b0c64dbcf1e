package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of the kinds of sections and the type of their values, for each {@link Dialect}. A
 * dialect has a section if it has the section's {@code event}.
 *
 * <p>Source of what {@link Dialect#QEMU} has: QEMU 7.2 {@code block/blkdebug.c}, the two option
 * lists.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists cannot be changed
enum RuleSchema {
  /** {@code [inject-error]}. */
  INJECT_ERROR(
      Rule.Kind.INJECT_ERROR,
      all("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      qemu("errno", Type.NUMBER),
      ours("errno", Type.ERRNO),
      all("sector", Type.NUMBER, "once", Type.BOOL, "immediately", Type.BOOL),
      ours("when", Type.STRING, "delay-ns", Type.COUNT, "suspend", Type.STRING),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [set-state]}. */
  SET_STATE(
      Rule.Kind.SET_STATE,
      all("event", Type.STRING, "state", Type.NUMBER, "new_state", Type.NUMBER),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [short-transfer]}. */
  SHORT_TRANSFER(
      Rule.Kind.SHORT_TRANSFER,
      files("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      files("limit", Type.POSITIVE, "sector", Type.NUMBER, "once", Type.BOOL),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [inject-corruption]}. */
  CORRUPT(
      Rule.Kind.CORRUPT,
      ours("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      ours("bits", Type.POSITIVE, "sector", Type.NUMBER, "once", Type.BOOL),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [tear-write]}. */
  TEAR_WRITE(
      Rule.Kind.TEAR_WRITE,
      ours("event", Type.STRING, "state", Type.NUMBER),
      ours("sectors", Type.COUNT, "part", Type.STRING, "then", Type.STRING, "errno", Type.ERRNO),
      ours("sector", Type.NUMBER, "once", Type.BOOL),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [drop-write]}. */
  DROP_WRITE(
      Rule.Kind.DROP_WRITE,
      ours("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      ours("sector", Type.NUMBER, "once", Type.BOOL),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [misdirect-write]}. */
  MISDIRECT_WRITE(
      Rule.Kind.MISDIRECT_WRITE,
      disks("event", Type.STRING, "state", Type.NUMBER),
      disks("to", Type.COUNT, "by", Type.NUMBER, "sector", Type.NUMBER, "once", Type.BOOL),
      Common.RANGE,
      Common.CHOICE),

  /** {@code [stale-read]}. */
  STALE_READ(
      Rule.Kind.STALE_READ,
      disks("event", Type.STRING, "state", Type.NUMBER),
      disks("sector", Type.NUMBER, "once", Type.BOOL),
      Common.RANGE,
      Common.CHOICE),

  /** {@code [fail-flush]}; a flush of a disk has no range. */
  FAIL_FLUSH(
      Rule.Kind.FAIL_FLUSH,
      ours("event", Type.STRING, "state", Type.NUMBER),
      ours("mode", Type.STRING, "errno", Type.ERRNO, "once", Type.BOOL),
      Common.PATH,
      Common.FILE_RANGE,
      Common.CHOICE),

  /** {@code [cut-power]}. */
  CUT_POWER(
      Rule.Kind.CUT_POWER,
      ours("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      disks("survivors", Type.STRING, "sector", Type.NUMBER),
      Common.PATH,
      Common.RANGE,
      Common.CHOICE),

  /** {@code [bad-blocks]}. */
  BAD_BLOCKS(
      Rule.Kind.BAD_BLOCKS,
      disks("event", Type.STRING, "state", Type.NUMBER, "errno", Type.ERRNO, "once", Type.BOOL),
      Common.RANGE,
      Common.CHOICE),

  /** {@code [inject-connection-fault]}. */
  CONNECTION_FAULT(
      Rule.Kind.CONNECTION_FAULT,
      disks("event", Type.STRING, "state", Type.NUMBER, "iotype", Type.STRING),
      disks("mode", Type.STRING, "delay-ns", Type.COUNT, "once", Type.BOOL),
      Common.RANGE,
      Common.CHOICE);

  /** How a value is read. */
  enum Type {
    STRING,
    NUMBER,
    /** A number of at least 1. */
    POSITIVE,
    /** A number of at least 0. */
    COUNT,
    /** A number or the name of an error. */
    ERRNO,
    /** More than 0, at most 100, with decimals. */
    PERCENT,
    BOOL
  }

  /**
   * One key.
   *
   * @param name its name
   * @param type how its value is read
   * @param dialects where it can be
   */
  private record Key(String name, Type type, Set<Dialect> dialects) {}

  /** What many sections have, see {@link RuleFilter}. */
  private static final class Common {
    static final Key[] PATH = files("path", Type.STRING);

    static final Key[] RANGE =
        ours(
            "offset", Type.COUNT,
            "bytes", Type.POSITIVE,
            "start", Type.COUNT,
            "nr_sectors", Type.POSITIVE);

    static final Key[] FILE_RANGE =
        files(
            "offset", Type.COUNT,
            "bytes", Type.POSITIVE,
            "start", Type.COUNT,
            "nr_sectors", Type.POSITIVE);

    /** Which of many matches, and whether there must be one. */
    static final Key[] CHOICE =
        ours(
            "occurrence", Type.POSITIVE,
            "times", Type.POSITIVE,
            "chance", Type.PERCENT,
            "seed", Type.NUMBER,
            "expect-fired", Type.BOOL);
  }

  final Rule.Kind kind;

  /** In the order in which they are explained to people. */
  private final List<Key> keys;

  RuleSchema(Rule.Kind kind, Key[]... keys) {
    this.kind = kind;
    this.keys = List.of(concat(keys));
  }

  private static Key[] concat(Key[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(Key[]::new);
  }

  private static Key[] all(Object... namesAndTypes) {
    return keys(EnumSet.allOf(Dialect.class), namesAndTypes);
  }

  private static Key[] qemu(Object... namesAndTypes) {
    return keys(EnumSet.of(Dialect.QEMU), namesAndTypes);
  }

  /** For disks and files, but not QEMU's. */
  private static Key[] ours(Object... namesAndTypes) {
    return keys(EnumSet.of(Dialect.FAULTDISK, Dialect.FILES), namesAndTypes);
  }

  private static Key[] disks(Object... namesAndTypes) {
    return keys(EnumSet.of(Dialect.FAULTDISK), namesAndTypes);
  }

  private static Key[] files(Object... namesAndTypes) {
    return keys(EnumSet.of(Dialect.FILES), namesAndTypes);
  }

  private static Key[] keys(Set<Dialect> dialects, Object... namesAndTypes) {
    Key[] keys = new Key[namesAndTypes.length / 2];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = new Key((String) namesAndTypes[2 * i], (Type) namesAndTypes[2 * i + 1], dialects);
    }
    return keys;
  }

  /** The keys in a dialect, in the order in which they are explained to people. */
  Map<String, Type> keys(Dialect dialect) {
    Map<String, Type> found = new LinkedHashMap<>();
    for (Key key : keys) {
      if (key.dialects.contains(dialect)) {
        found.put(key.name, key.type);
      }
    }
    return found.containsKey("event") ? Collections.unmodifiableMap(found) : Map.of();
  }

  /** The section name, {@code inject-error}. */
  String section() {
    return kind.wireName();
  }

  /** The sections of a dialect. */
  static List<RuleSchema> in(Dialect dialect) {
    List<RuleSchema> schemas = new ArrayList<>();
    for (RuleSchema schema : values()) {
      if (!schema.keys(dialect).isEmpty()) {
        schemas.add(schema);
      }
    }
    return schemas;
  }

  static Optional<RuleSchema> named(String section, Dialect dialect) {
    return in(dialect).stream().filter(schema -> schema.section().equals(section)).findFirst();
  }
}
