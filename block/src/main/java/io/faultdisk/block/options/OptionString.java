package io.faultdisk.block.options;

import io.faultdisk.base.Identifier;
import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The option string of {@code --image-opts} and {@code open -o}: {@code
 * driver=raw,file.filename=a,,b.img}.
 *
 * <ul>
 *   <li>A value ends at a comma; two commas stand for one in the value. A name ends at {@code =} or
 *       a comma and has no escape.
 *   <li>A name without {@code =} is a flag: {@code foo} means {@code foo=on}, and what starts with
 *       {@code no} loses that and means {@code off}, {@code node-name} included ({@code
 *       de-name=off}). Both are deprecated and warned of, except {@code help} and {@code ?}.
 *   <li>A key given twice: the last value counts. Of {@code id} the first counts, and it must be an
 *       identifier.
 * </ul>
 *
 * <p>For one thread, used once. Source: observed with qemu-io 7.2 {@code --image-opts}.
 */
public final class OptionString {
  private final String text;
  private final Consumer<Warning> warnings;
  private int at;

  private OptionString(String text, Consumer<Warning> warnings) {
    this.text = text;
    this.warnings = warnings;
  }

  static void parse(String text, Options target, Consumer<Warning> warnings) throws UsageException {
    Optional<String> id = new OptionString(text, warning -> {}).firstId();
    if (id.isPresent()) {
      Identifier.require("id", id.get());
      target.put("id", id.get());
    }
    new OptionString(text, warnings).putAll(target);
  }

  private Optional<String> firstId() {
    while (at < text.length()) {
      Pair pair = next();
      if (pair.name().equals("id")) {
        return Optional.of(pair.value());
      }
    }
    return Optional.empty();
  }

  private void putAll(Options target) {
    while (at < text.length()) {
      Pair pair = next();
      if (!pair.name().equals("id")) {
        target.put(pair.name(), pair.value());
      }
    }
  }

  /**
   * One setting.
   *
   * @param name as written, a leading {@code no} of a flag taken off
   * @param value with single commas; {@code on} or {@code off} for a flag
   */
  public record Pair(String name, String value) {}

  /** All settings in the order in which they are written, {@code id} included. */
  public static List<Pair> pairs(String text) {
    OptionString reader = new OptionString(text, warning -> {});
    List<Pair> pairs = new ArrayList<>();
    while (reader.at < text.length()) {
      pairs.add(reader.next());
    }
    return pairs;
  }

  /** Whether {@code help} or {@code ?} stands where a flag may. */
  public static boolean wantsHelp(String text) {
    OptionString reader = new OptionString(text, warning -> {});
    while (reader.at < text.length()) {
      int from = reader.at;
      Pair pair = reader.next();
      String name = pair.name();
      boolean help = name.equals("help") || name.equals("?");
      if (help && text.startsWith(name, from) && !text.startsWith("=", from + name.length())) {
        return true;
      }
    }
    return false;
  }

  private Pair next() {
    int from = at;
    while (at < text.length() && text.charAt(at) != '=' && text.charAt(at) != ',') {
      at++;
    }
    String name = text.substring(from, at);
    boolean hasValue = at < text.length() && text.charAt(at) == '=';
    if (hasValue) {
      at++;
    }
    Pair pair = hasValue ? new Pair(name, value()) : flag(name);
    at++; // the comma, or beyond the end
    return pair;
  }

  private String value() {
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ',') {
        boolean escaped = at + 1 < text.length() && text.charAt(at + 1) == ',';
        if (!escaped) {
          break;
        }
        at++;
      }
      value.append(c);
      at++;
    }
    return value.toString();
  }

  private Pair flag(String written) {
    boolean off = written.startsWith("no");
    String name = off ? written.substring(2) : written;
    String value = off ? "off" : "on";
    boolean help = !off && (name.equals("help") || name.equals("?"));
    if (!help) {
      String instead =
          name.equals("delay") ? "nodelay=" + (off ? "on" : "off") : name + "=" + value;
      warnings.accept(
          new Warning(
              "short-form boolean option '" + written + "' deprecated",
              List.of("Please use " + instead + " instead")));
    }
    return new Pair(name, value);
  }
}
