package io.faultdisk.block.options;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a list of strings from keys {@code 0}, {@code 1}, ...
 *
 * <p>QEMU first rebuilds the nested structure of all keys and then finds that it is no list of
 * strings; which complaint comes first follows from that. In a key two dots stand for one that does
 * not separate. Stateless.
 *
 * <p>Source: observed with qemu-io 7.2 and blkdebug's {@code take-child-perms};
 * qobject/block-qdict.c.
 */
final class StringList {
  /** Deeper keys are not looked into; they are mistakes already further up. */
  private static final int DEPTH_MAX = 100;

  private StringList() {}

  static List<String> of(Options flat) throws UsageException {
    if (flat.isEmpty()) {
      return List.of();
    }
    Map<String, Optional<JsonValue>> levels = split(flat, 0);
    if (!isList(levels)) {
      throw new UsageException("Invalid parameter type for '<anonymous>', expected: array");
    }
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      if (!levels.containsKey(Integer.toString(i))) {
        throw new UsageException("Missing list index " + i);
      }
    }
    for (int i = 0; i < levels.size(); i++) {
      Optional<JsonValue> element = levels.getOrDefault(Integer.toString(i), Optional.empty());
      if (!(element.orElse(new JsonNull()) instanceof JsonString(String text))) {
        throw new UsageException("Invalid parameter type for '[" + i + "]', expected: string");
      }
      strings.add(text);
    }
    return strings;
  }

  /**
   * The topmost level: plain values, and nothing where there is a further level, checked already.
   */
  private static Map<String, Optional<JsonValue>> split(Options flat, int depth)
      throws UsageException {
    Map<String, Optional<JsonValue>> levels = new LinkedHashMap<>();
    Map<String, Options> nested = new LinkedHashMap<>();
    for (String key : flat.keys()) {
      int dot = separator(key);
      String name = (dot < 0 ? key : key.substring(0, dot)).replace("..", ".");
      Options below = nested.get(name);
      if (levels.containsKey(name) && (below == null || dot < 0)) {
        throw new UsageException("Cannot mix scalar and non-scalar keys");
      }
      JsonValue value = flat.get(key).orElseThrow();
      if (dot < 0) {
        levels.put(name, Optional.of(value));
      } else {
        levels.put(name, Optional.empty());
        nested.computeIfAbsent(name, n -> new Options()).put(key.substring(dot + 1), value);
      }
    }
    for (String name : QemuKeyOrder.of(nested.keySet(), StandardCharsets.UTF_8)) {
      Options below = nested.get(name);
      if (below != null && depth < DEPTH_MAX) {
        checkNested(below, depth + 1);
      }
    }
    return levels;
  }

  private static void checkNested(Options flat, int depth) throws UsageException {
    Map<String, Optional<JsonValue>> levels = split(flat, depth);
    if (isList(levels)) {
      for (int i = 0; i < levels.size(); i++) {
        if (!levels.containsKey(Integer.toString(i))) {
          throw new UsageException("Missing list index " + i);
        }
      }
    }
  }

  /** The first dot that is not one of a pair; -1 if there is none. */
  private static int separator(String key) {
    int dot = key.indexOf('.');
    while (dot >= 0 && dot + 1 < key.length() && key.charAt(dot + 1) == '.') {
      dot = key.indexOf('.', dot + 2);
    }
    return dot;
  }

  private static boolean isList(Map<String, Optional<JsonValue>> levels) throws UsageException {
    Optional<Boolean> list = Optional.empty();
    long count = 0;
    long largest = -1;
    for (String key : QemuKeyOrder.of(levels.keySet(), StandardCharsets.UTF_8)) {
      Optional<Long> index = index(key);
      if (list.isPresent() && list.get() != index.isPresent()) {
        throw new UsageException("Cannot mix list and non-list keys");
      }
      list = Optional.of(index.isPresent());
      if (index.isPresent()) {
        count++;
        largest = Math.max(largest, index.get());
      }
    }
    if (count != largest + 1) {
      throw new UsageException(
          "List indices are not contiguous, saw "
              + count
              + " elements but "
              + largest
              + " largest index");
    }
    return list.orElse(false);
  }

  /** A whole key as a decimal number, blanks and a sign allowed as C's strtoll does. */
  private static Optional<Long> index(String key) {
    String digits = key.replaceFirst("^[ \\t\\n\\u000B\\f\\r]+", "");
    if (!digits.matches("[+-]?[0-9]+")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(digits));
    } catch (NumberFormatException tooLarge) {
      return Optional.empty();
    }
  }
}
