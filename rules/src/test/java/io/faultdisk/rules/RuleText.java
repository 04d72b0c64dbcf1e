package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One input for {@link RuleSources}: a rule file, dotted options, or both; can be written on one
 * line.
 *
 * @param file the file's bytes, one per char
 * @param options as on a command line: key=value, separated by commas
 */
record RuleText(Optional<String> file, String options) {

  static RuleText file(String content) {
    return new RuleText(Optional.of(content), "");
  }

  static RuleText options(String options) {
    return new RuleText(Optional.empty(), options);
  }

  byte[] fileBytes() {
    return file.orElse("").getBytes(StandardCharsets.ISO_8859_1);
  }

  Map<String, String> optionMap() {
    Map<String, String> map = new LinkedHashMap<>();
    for (String option : options.split(",")) {
      int equals = option.indexOf('=');
      if (equals > 0) {
        map.put(option.substring(0, equals), option.substring(equals + 1));
      }
    }
    return map;
  }

  List<Rule> read(Dialect dialect) throws UsageException {
    return RuleSources.read(
        file.map(content -> new RuleFile("rules.conf", fileBytes())), optionMap(), dialect);
  }

  /** What a tool would print: the message and the hints, or "ok". */
  String verdict(Dialect dialect) {
    try {
      read(dialect);
      return "ok";
    } catch (UsageException e) {
      List<String> lines = new ArrayList<>();
      lines.add(String.valueOf(e.getMessage()));
      lines.addAll(e.hints());
      return String.join("\n", lines);
    }
  }

  /** One line of printable ASCII. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\n' -> escaped.append("\\n");
        case '\t' -> escaped.append("\\t");
        case '\r' -> escaped.append("\\r");
        case '\\' -> escaped.append("\\\\");
        default -> {
          if (c >= ' ' && c < 127) {
            escaped.append(c);
          } else {
            escaped.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    return escaped.toString();
  }

  /** What {@link #escape} wrote. */
  static String unescape(String escaped) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char kind = escaped.charAt(++i);
      switch (kind) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'u' -> {
          text.append((char) Integer.parseInt(escaped.substring(i + 1, i + 5), 16));
          i += 4;
        }
        default -> text.append(kind);
      }
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return file.map(content -> "file \"" + escape(content) + "\" ").orElse("")
        + (options.isEmpty() ? "" : "options " + escape(options));
  }

  // ---- random ones, with a taste for trouble

  private static final List<String> HEADERS =
      List.of(
          "[inject-error]",
          "[inject-error]",
          "[inject-error]",
          "[set-state]",
          "[set-state]",
          "[inject-error \"a\"]",
          "[inject-error \"b1\"]",
          "[set-state \"a\"]",
          "[foo]",
          "[]",
          "[inject-error",
          "[ inject-error]",
          "[ inject-error \"x\"]",
          "[inject-error \"1x\"]",
          "[]set-state",
          "[inject-error ]",
          "[\"a\"]",
          "[inject-error \"a b\"]",
          "[",
          "[x \"");

  private static final List<String> KEYS =
      List.of(
          "event",
          "event",
          "event",
          "state",
          "iotype",
          "errno",
          "sector",
          "once",
          "immediately",
          "new_state",
          "id",
          "foo",
          "Event",
          "event=",
          "#",
          "\"event\"",
          "errno=",
          "dummy");

  private static final List<String> VALUES =
      List.of(
          "read_aio",
          "write_aio",
          "none",
          "none",
          "l2_load",
          "read",
          "write",
          "write-zeroes",
          "flush",
          "block-status",
          "bogus",
          "1",
          "0",
          "2",
          "-1",
          "0x10",
          "010",
          "08",
          "0x",
          " 5",
          "5 ",
          "+7",
          "18446744073709551615",
          "18446744073709551616",
          "4294967295",
          "1k",
          "abc",
          "",
          "on",
          "off",
          "yes",
          "no",
          "true",
          "false",
          "y",
          "n",
          "TRUE",
          "maybe",
          "a",
          "1x",
          "a.b-c_d",
          "99999999999999999999x",
          "\u00c3\u00a9",
          "\u00ff");

  private static <T> T pick(RandomGenerator random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** Good values for each key, so that not every input fails at its first line. */
  private static final Map<String, List<String>> GOOD =
      Map.of(
          "event", List.of("read_aio", "write_aio", "none", "pwritev"),
          "state", List.of("0", "1", "2", "-1", "0x10", "4294967297"),
          "iotype", List.of("read", "write", "flush", "block-status"),
          "errno", List.of("5", "28", "0", "010", " +7", "1000"),
          "sector", List.of("0", "-1", "10", "36028797018963968", "18446744073709551614"),
          "once", List.of("on", "off", "yes", "n"),
          "immediately", List.of("true", "no", "y"),
          "new_state", List.of("0", "1", "2", "18446744073709551615"));

  private static Map.Entry<String, String> goodPair(RandomGenerator random, boolean setState) {
    List<String> keys =
        setState
            ? List.of("event", "state", "new_state")
            : List.of("event", "state", "iotype", "errno", "sector", "once", "immediately");
    String key = pick(random, keys);
    return Map.entry(key, pick(random, GOOD.get(key)));
  }

  /** A file that is good but for at most a few places. */
  private static RuleText tameFile(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      boolean setState = random.nextInt(3) == 0;
      text.append(setState ? "[set-state]" : "[inject-error]").append('\n');
      text.append("event = \"").append(pick(random, GOOD.get("event"))).append("\"\n");
      for (int j = random.nextInt(5); j > 0; j--) {
        if (random.nextInt(25) == 0) {
          text.append(keyLine(random)).append('\n');
        } else {
          Map.Entry<String, String> pair = goodPair(random, setState);
          text.append(pair.getKey()).append(" = \"").append(pair.getValue()).append("\"\n");
        }
      }
    }
    if (random.nextInt(10) == 0) {
      mutate(random, text);
    }
    return file(text.toString());
  }

  private static RuleText tameOptions(RandomGenerator random) {
    List<String> options = new ArrayList<>();
    boolean flat = random.nextInt(3) == 0;
    int rules = flat ? 1 : 1 + random.nextInt(3);
    for (int i = 0; i < rules; i++) {
      String prefix = "inject-error." + (flat ? "" : i + ".");
      options.add(prefix + "event=" + pick(random, GOOD.get("event")));
      for (int j = random.nextInt(4); j > 0; j--) {
        Map.Entry<String, String> pair = goodPair(random, false);
        String key = random.nextInt(30) == 0 ? pick(random, List.of("foo", "id")) : pair.getKey();
        options.add(prefix + key + "=" + pair.getValue());
      }
    }
    return options(String.join(",", options));
  }

  private static String keyLine(RandomGenerator random) {
    String key = pick(random, KEYS);
    String value = pick(random, VALUES);
    return switch (random.nextInt(14)) {
      case 0 -> key + " =\"" + value + "\"";
      case 1 -> key + "=\"" + value + "\"";
      case 2 -> key + "= \"" + value + "\"";
      case 3 -> key + " = " + value;
      case 4 -> "\t" + key + " \t=  \"" + value + "\" junk";
      case 5 -> key + " = \"" + value;
      case 6 -> key;
      default -> key + " = \"" + value + "\"";
    };
  }

  static RuleText randomFile(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    int sections = random.nextInt(4);
    for (int i = 0; i <= sections; i++) {
      if (random.nextInt(12) != 0) {
        text.append(pick(random, HEADERS)).append(random.nextInt(15) == 0 ? "\r\n" : "\n");
      }
      int lines = random.nextInt(4);
      for (int j = 0; j < lines; j++) {
        text.append(keyLine(random));
        text.append(random.nextInt(15) == 0 ? "\r\n" : "\n");
      }
      switch (random.nextInt(12)) {
        case 0 -> text.append("# comment\n");
        case 1 -> text.append("\n");
        case 2 -> text.append(random.nextInt(3) == 0 ? " \n" : "  # indented\n");
        default -> {}
      }
    }
    if (random.nextInt(8) == 0) {
      mutate(random, text);
    }
    if (random.nextInt(6) == 0 && text.length() > 0) {
      text.setLength(text.length() - 1);
    }
    return file(text.toString());
  }

  private static void mutate(RandomGenerator random, StringBuilder text) {
    for (int i = random.nextInt(4); i >= 0 && text.length() > 0; i--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(6)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, (char) random.nextInt(256));
        case 2 -> text.insert(at, pick(random, List.of("\"", "=", "[", "]", " ", "\n", "#", "\0")));
        case 3 -> text.setCharAt(at, (char) random.nextInt(256));
        case 4 -> text.insert(at, " ".repeat(1000 + random.nextInt(40)));
        default -> text.insert(at, "x".repeat(60 + random.nextInt(8)));
      }
    }
  }

  static RuleText randomOptions(RandomGenerator random) {
    List<String> options = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String kind = random.nextInt(4) == 0 ? "set-state" : "inject-error";
      String middle =
          switch (random.nextInt(8)) {
            case 0, 1 -> "";
            case 2 -> "1.";
            case 3 -> pick(random, List.of("2.", "00.", "x.", "0.0."));
            default -> "0.";
          };
      String key = pick(random, KEYS).replace("=", "").replace("Event", "evnt"); // see DottedRules
      if (random.nextInt(15) == 0) {
        middle = middle.replace(".", "");
        key = middle.isEmpty() ? key : "";
      }
      String value = pick(random, VALUES.subList(0, VALUES.size() - 2));
      options.add(kind + "." + middle + key + "=" + value);
    }
    return options(String.join(",", options));
  }

  /** A file and options; either may be missing. */
  static RuleText random(RandomGenerator random) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> randomOptions(random);
      case 3 -> new RuleText(randomFile(random).file(), randomOptions(random).options());
      case 4, 5, 6 -> tameFile(random);
      case 7 -> tameOptions(random);
      case 8 -> new RuleText(tameFile(random).file(), tameOptions(random).options());
      default -> randomFile(random);
    };
  }
}
