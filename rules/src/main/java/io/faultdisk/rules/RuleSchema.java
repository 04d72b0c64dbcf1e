package io.faultdisk.rules;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of the two kinds of sections and the type of their values.
 *
 * <p>Source: QEMU 7.2 {@code block/blkdebug.c}, the two option lists.
 */
@SuppressWarnings(
    "ImmutableEnumChecker") // the map cannot be changed, but its type does not show it
enum RuleSchema {
  /** {@code [inject-error]}. */
  INJECT_ERROR(Rule.Kind.INJECT_ERROR) {
    @Override
    void fill(Map<String, Type> keys) {
      keys.put("event", Type.STRING);
      keys.put("state", Type.NUMBER);
      keys.put("iotype", Type.STRING);
      keys.put("errno", Type.NUMBER);
      keys.put("sector", Type.NUMBER);
      keys.put("once", Type.BOOL);
      keys.put("immediately", Type.BOOL);
    }
  },

  /** {@code [set-state]}. */
  SET_STATE(Rule.Kind.SET_STATE) {
    @Override
    void fill(Map<String, Type> keys) {
      keys.put("event", Type.STRING);
      keys.put("state", Type.NUMBER);
      keys.put("new_state", Type.NUMBER);
    }
  };

  /** How a value is read. */
  enum Type {
    STRING,
    NUMBER,
    BOOL
  }

  final Rule.Kind kind;

  /** In the order in which they are explained to people. */
  final Map<String, Type> keys;

  RuleSchema(Rule.Kind kind) {
    this.kind = kind;
    Map<String, Type> filled = new LinkedHashMap<>();
    fill(filled);
    this.keys = Collections.unmodifiableMap(filled);
  }

  abstract void fill(Map<String, Type> keys);

  /** The section name, {@code inject-error}. */
  String section() {
    return kind.wireName();
  }

  static Optional<RuleSchema> named(String section) {
    for (RuleSchema schema : values()) {
      if (schema.section().equals(section)) {
        return Optional.of(schema);
      }
    }
    return Optional.empty();
  }
}
