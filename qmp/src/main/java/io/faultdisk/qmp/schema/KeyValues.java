package io.faultdisk.qmp.schema;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads {@code key=value,key.sub=value,...} into a nested object of strings.
 *
 * <p>Dots nest; an object all of whose keys are numbers becomes a list; {@code ,,} in a value is a
 * comma; of a key given twice the last value counts. Stateless.
 *
 * <p>Source: observed with {@code --blockdev} of qemu-storage-daemon 7.2.
 */
public final class KeyValues {
  /** A part of a key: a number, or a name that the schema may have. */
  private static final Pattern FRAGMENT =
      Pattern.compile("[0-9]+|(?:__[a-zA-Z0-9.-]+_)?[a-zA-Z][a-zA-Z0-9_-]*");

  private static final int FRAGMENT_LENGTH_MAX = 127;

  private KeyValues() {}

  /**
   * Reads a text.
   *
   * @param impliedKey the key of a first value without one; empty if there must be a key
   * @throws UsageException with QEMU's text
   */
  public static JsonObject parse(String text, String impliedKey) throws UsageException {
    Map<String, Object> root = new LinkedHashMap<>();
    int at = 0;
    boolean first = true;
    while (at < text.length()) {
      at = one(text, at, first ? impliedKey : "", root);
      first = false;
    }
    JsonValue value = listed(root, "");
    return value instanceof JsonObject object ? object : new JsonObject(Map.of());
  }

  private static int one(String text, int from, String impliedKey, Map<String, Object> root)
      throws UsageException {
    int end = from;
    while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
      end++;
    }
    String key = text.substring(from, end);
    boolean hasValue = end < text.length() && text.charAt(end) == '=';
    if (!hasValue && !impliedKey.isEmpty() && !key.isEmpty()) {
      if (key.equals("help") || key.equals("?")) {
        throw new UsageException("Help is not available for this option");
      }
      put(root, impliedKey, key);
      return end + 1;
    }
    checkKey(key);
    if (!hasValue) {
      if (key.equals("help")) {
        throw new UsageException("Help is not available for this option");
      }
      throw new UsageException("Expected '=' after parameter '" + key + "'");
    }
    StringBuilder value = new StringBuilder();
    int at = end + 1;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == ',') {
        if (at == text.length() || text.charAt(at) != ',') {
          break;
        }
        at++;
      }
      value.append(c);
    }
    put(root, key, value.toString());
    return at;
  }

  private static void checkKey(String key) throws UsageException {
    for (String fragment : key.split("\\.", -1)) {
      if (!FRAGMENT.matcher(fragment).matches()) {
        throw new UsageException("Invalid parameter '" + key + "'");
      }
      if (fragment.length() > FRAGMENT_LENGTH_MAX) {
        throw new UsageException(
            "Parameter"
                + (fragment.equals(key) ? "" : " fragment")
                + " '"
                + fragment
                + "' is too long");
      }
    }
  }

  @SuppressWarnings("unchecked") // whatever is a map in here, is one of these
  private static void put(Map<String, Object> root, String key, String value)
      throws UsageException {
    String[] fragments = key.split("\\.", -1);
    Map<String, Object> object = root;
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < fragments.length - 1; i++) {
      path.append(i == 0 ? "" : ".").append(fragments[i]);
      Object inner = object.computeIfAbsent(fragments[i], _ -> new LinkedHashMap<>());
      if (!(inner instanceof Map<?, ?>)) {
        throw inconsistent(path.toString());
      }
      object = (Map<String, Object>) inner;
    }
    String last = fragments[fragments.length - 1];
    if (object.get(last) instanceof Map<?, ?>) {
      throw inconsistent(key);
    }
    object.put(last, value);
  }

  /** As JSON, with lists where all keys are numbers. */
  private static JsonValue listed(Map<?, ?> object, String path) throws UsageException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    TreeMap<Long, JsonValue> elements = new TreeMap<>();
    for (Map.Entry<?, ?> entry : object.entrySet()) {
      String key = (String) entry.getKey();
      JsonValue value =
          entry.getValue() instanceof Map<?, ?> inner
              ? listed(inner, path + key + ".")
              : new JsonString((String) entry.getValue());
      members.put(key, value);
      if (Character.isDigit(key.charAt(0))) {
        elements.put(key.length() > 18 ? Long.MAX_VALUE : Long.parseLong(key), value);
      }
    }
    if (elements.isEmpty()) {
      return new JsonObject(members);
    }
    String prefix = path.isEmpty() ? "" : path.substring(0, path.length() - 1);
    if (elements.size() < members.size()) {
      throw inconsistent(prefix);
    }
    List<JsonValue> list = new ArrayList<>(elements.values());
    long expected = 0;
    for (long index : elements.keySet()) {
      if (index != expected) {
        throw new UsageException("Parameter '" + path + expected + "' missing");
      }
      expected++;
    }
    return new JsonArray(list);
  }

  private static UsageException inconsistent(String path) {
    return new UsageException("Parameters '" + path + ".*' used inconsistently");
  }
}
