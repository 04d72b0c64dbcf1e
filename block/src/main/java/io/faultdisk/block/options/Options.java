package io.faultdisk.block.options;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Options of a node and all below it, by dotted key: {@code driver}, {@code file.filename}, {@code
 * file.image.driver}.
 *
 * <p>A bag that empties: a node {@linkplain #absorb absorbs} what it knows, {@linkplain #takeChild
 * hands} each child what starts with the child's name, and at last {@link #requireEmpty} names what
 * nobody wanted. Values are strings when they come from {@code --image-opts}, numbers, bools, nulls
 * or empty containers when they come from {@code json:}; most readers do not care, {@link #string}
 * does. Keys are walked in {@linkplain QemuKeyOrder QEMU's order} everywhere, so that of several
 * mistakes the same one is reported.
 *
 * <p>Mutable; for one thread at a time.
 *
 * <p>Source: observed with qemu-io 7.2; qobject/block-qdict.c, util/qemu-option.c.
 */
public final class Options {
  /** In the order they were put; {@link QemuKeyOrder} needs that. */
  private final Map<String, JsonValue> values = new LinkedHashMap<>();

  private final Consumer<Warning> warnings;

  /** No options; warnings go nowhere. */
  public Options() {
    this(warning -> {});
  }

  /**
   * No options.
   *
   * @param warnings told of deprecated spellings, also by the options taken out of this
   */
  public Options(Consumer<Warning> warnings) {
    this.warnings = warnings;
  }

  /** Strings by dotted key. */
  public static Options of(Map<String, String> strings) {
    Options options = new Options();
    strings.forEach(options::put);
    return options;
  }

  /** A JSON object's members, nested ones by dotted key. */
  public static Options flatten(JsonObject object) {
    Options options = new Options();
    Flattener.flatten(object, options);
    return options;
  }

  /** The option string of {@code --image-opts}, see {@link OptionString}. */
  public static Options parse(String text, Consumer<Warning> warnings) throws UsageException {
    Options options = new Options(warnings);
    OptionString.parse(text, options, warnings);
    return options;
  }

  /** Sets a string; a value of that key is replaced. */
  public void put(String key, String value) {
    put(key, new JsonString(value));
  }

  /** Sets a value; a value of that key is replaced. */
  public void put(String key, JsonValue value) {
    values.put(key, value);
  }

  /** Sets a string unless the key is there. */
  public void putIfAbsent(String key, String value) {
    putIfAbsent(key, new JsonString(value));
  }

  /** Sets a value unless the key is there. */
  public void putIfAbsent(String key, JsonValue value) {
    values.putIfAbsent(key, value);
  }

  /** Adds those of {@code weaker} whose keys are not there. */
  public void join(Options weaker) {
    for (String key : weaker.keys()) {
      putIfAbsent(key, weaker.value(key));
    }
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public int size() {
    return values.size();
  }

  /** The keys, in the order QEMU walks them. */
  public List<String> keys() {
    return QemuKeyOrder.of(values.keySet(), StandardCharsets.UTF_8);
  }

  /** A value of any type; it stays. */
  public Optional<JsonValue> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** A value if it is a string; it stays. {@code "driver": 1} is as good as no driver. */
  public Optional<String> string(String key) {
    return values.get(key) instanceof JsonString(String text)
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Removes a value; returns it if it was a string. */
  public Optional<String> take(String key) {
    Optional<String> text = string(key);
    remove(key);
    return text;
  }

  public void remove(String key) {
    values.remove(key);
  }

  /** The same options, in a bag of their own. */
  public Options copy() {
    Options copy = new Options(warnings);
    keys().forEach(key -> copy.put(key, value(key)));
    return copy;
  }

  /** Removes what starts with {@code child.} and returns it without that. */
  public Options takeChild(String child) {
    String prefix = child + ".";
    Options taken = new Options(warnings);
    for (String key : keys()) {
      if (key.startsWith(prefix)) {
        taken.put(key.substring(prefix.length()), value(key));
        remove(key);
      }
    }
    return taken;
  }

  /**
   * Removes what starts with {@code prefix} and returns it with its full keys, as text: numbers as
   * printed, bools as {@code on} or {@code off}. Nulls and empty containers are removed, too.
   */
  public Map<String, String> takePrefixed(String prefix) {
    Map<String, String> taken = new LinkedHashMap<>();
    for (String key : keys()) {
      if (key.startsWith(prefix)) {
        text(value(key)).ifPresent(text -> taken.put(key, text));
        remove(key);
      }
    }
    return taken;
  }

  /**
   * Removes the list of strings {@code name.0}, {@code name.1}, ... and returns it; empty if there
   * is none.
   *
   * @throws UsageException if indices are missing, mixed with other keys, or not strings
   */
  public List<String> takeStrings(String name) throws UsageException {
    return StringList.of(takeChild(name));
  }

  /**
   * Removes all options that are named and checks each by its type. The first bad one in QEMU's
   * order is reported. A null or an empty container counts as not given.
   */
  public OptionValues absorb(OptionSpec... specs) throws UsageException {
    Map<String, OptionSpec.Type> known = new HashMap<>();
    for (OptionSpec spec : specs) {
      known.put(spec.name(), spec.type());
    }
    Map<String, OptionValues.Value> given = new HashMap<>();
    for (String key : keys()) {
      OptionSpec.Type type = known.get(key);
      if (type != null) {
        Optional<String> text = text(value(key));
        if (text.isPresent()) {
          given.put(key, OptionText.check(new OptionSpec(key, type), text.get(), warnings));
        }
        remove(key);
      }
    }
    return new OptionValues(known, given);
  }

  /** What a reader of typed options sees of a value; nothing of nulls and containers. */
  private static Optional<String> text(JsonValue value) {
    if (value instanceof JsonString(String text)) {
      return Optional.of(text);
    }
    if (value instanceof JsonNumber(String text, boolean _)) {
      return Optional.of(text);
    }
    if (value instanceof JsonBool(boolean bool)) {
      return Optional.of(bool ? "on" : "off");
    }
    return Optional.empty();
  }

  /**
   * Checks that everything was taken.
   *
   * @param driver named in the message
   * @throws UsageException naming the first option left
   */
  public void requireEmpty(String driver, DriverKind kind) throws UsageException {
    if (isEmpty()) {
      return;
    }
    String key = keys().getFirst();
    throw new UsageException(
        switch (kind) {
          case PROTOCOL ->
              "Block protocol '" + driver + "' doesn't support the option '" + key + "'";
          case FORMAT -> "Block format '" + driver + "' does not support the option '" + key + "'";
        });
  }

  /** The options as one flat object. */
  public JsonObject toJson() {
    return new JsonObject(values);
  }

  private JsonValue value(String key) {
    JsonValue value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no option " + key);
    }
    return value;
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
