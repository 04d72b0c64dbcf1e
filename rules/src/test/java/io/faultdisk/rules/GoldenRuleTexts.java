package io.faultdisk.rules;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the real qemu-io said to chosen rule files and options; kept in a resource, because not
 * everybody has one.
 *
 * <p>{@link #main} asks qemu-io and writes the resource anew. In the resource a case is a line
 * {@code file} or {@code options} with the input and a line {@code says} with the answer, both
 * escaped.
 */
public final class GoldenRuleTexts {
  private static final String RESOURCE = "rule-sources.golden";

  /**
   * One case.
   *
   * @param text the input
   * @param says what qemu-io said, or "ok"
   */
  record Golden(RuleText text, String says) {
    @Override
    public String toString() {
      return text.toString();
    }
  }

  private GoldenRuleTexts() {}

  static List<Golden> read() throws IOException {
    List<Golden> cases = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(GoldenRuleTexts.class.getResourceAsStream(RESOURCE))) {
      Optional<RuleText> text = Optional.empty();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        int blank = line.indexOf(' ');
        String rest = RuleText.unescape(line.substring(blank + 1));
        switch (line.substring(0, Math.max(0, blank))) {
          case "file" -> text = Optional.of(RuleText.file(rest));
          case "options" -> text = Optional.of(new RuleText(text.flatMap(RuleText::file), rest));
          case "says" -> {
            cases.add(new Golden(text.orElseThrow(), rest));
            text = Optional.empty();
          }
          default -> {}
        }
      }
    }
    return cases;
  }

  /** Writes the resource; the argument is its directory. */
  public static void main(String[] args) throws Exception {
    Path scratch = Files.createDirectories(Path.of("target", "golden").toAbsolutePath());
    QemuIo qemuIo = QemuIo.find(scratch).orElseThrow();
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[0], RESOURCE))) {
      out.write("# " + qemuIo.version() + "\n");
      out.write("# file:    " + String.join(" ", QemuIo.command(RuleText.file(""))) + "\n");
      out.write("# options: " + String.join(" ", QemuIo.command(RuleText.options("X=Y"))) + "\n");
      out.write("# Written by " + GoldenRuleTexts.class.getSimpleName() + ".main; do not edit.\n");
      for (RuleText text : cases()) {
        out.write("\n");
        if (text.file().isPresent()) {
          out.write("file " + RuleText.escape(text.file().get()) + "\n");
        }
        if (!text.options().isEmpty()) {
          out.write("options " + RuleText.escape(text.options()) + "\n");
        }
        out.write("says " + RuleText.escape(qemuIo.verdict(text)) + "\n");
      }
    }
  }

  private static List<RuleText> cases() {
    List<RuleText> cases = new ArrayList<>();
    grammar().forEach(text -> cases.add(RuleText.file(text)));
    for (String line : values()) {
      cases.add(RuleText.file("[inject-error]\nevent = \"none\"\n" + line + "\n"));
    }
    for (String line : setStateValues()) {
      cases.add(RuleText.file("[set-state]\nevent = \"none\"\n" + line + "\n"));
    }
    for (Event event : QemuEvents.all()) {
      cases.add(RuleText.file("[inject-error]\nevent = \"" + event + "\"\n"));
    }
    dotted().forEach(options -> cases.add(RuleText.options(options)));
    cases.add(
        new RuleText(
            Optional.of("[inject-error \"inject-error.0\"]\nevent = \"none\"\n"),
            "inject-error.0.event=none"));
    cases.add(
        new RuleText(
            Optional.of("[inject-error \"inject-error.1\"]\nevent = \"none\"\n"),
            "inject-error.0.event=none"));
    cases.add(
        new RuleText(Optional.of("[inject-error]\nevent = \"bogus\"\n"), "inject-error.foo=1"));
    cases.add(new RuleText(Optional.of("[foo]\n"), "inject-error.foo=1"));
    return cases;
  }

  /** Lines and sections. */
  private static List<String> grammar() {
    String none = "event = \"none\"\n";
    return List.of(
        "",
        "\n\n# nothing\n",
        "[inject-error]\nevent = \"read_aio\" junk\n",
        "[inject-error] junk\nevent = \"none\"\n",
        "[inject-error]\nevent = none\n",
        "[inject-error]\nevent =\"none\"\n",
        "[inject-error]\nevent= \"none\"\n",
        "[inject-error]\nevent=\"none\"\n",
        "[inject-error]\niotype=\"read\"\n",
        "[inject-error]\n\"event\" = \"none\"\n",
        "[inject-error]\nevent = \"none\n",
        "[inject-error]\nevent = \"none",
        "[inject-error]\nevent = \"\"\n",
        "[inject-error]\nevent\n",
        "[inject-error]\n" + none + "\t\n",
        "[inject-error]\n" + none + "   \n",
        "[inject-error]\n" + none + "\r\n",
        "  # x\n[inject-error]\n" + none,
        "[inject-error]\n" + none + "  # x\n",
        "[inject-error]\n" + none + "# x\n",
        "[inject-error]\r\nevent = \"none\"\r\n",
        "[inject-error]\r\n\tevent \t = \t\"none\"\r\n",
        "[foo]\na = \"b\"\n",
        "[foo]\n",
        "[foo]\n[inject-error]\n" + none,
        "[inject-error\n",
        "[inject-error\n" + none,
        "[inject-error",
        "[inject-error ]\n" + none,
        "[ inject-error]\n" + none,
        "[ inject-error \"x\"]\n" + none,
        " [inject-error]\n" + none,
        "[inject-error \"\"]\n" + none,
        "[inject-error \"a\"]\n" + none,
        "[inject-error \"a\n" + none,
        "[inject-error\"a\"]\n" + none,
        "[]\n",
        "[inject-error]\n" + none + "[]\n",
        "[inject-error]\n" + none + "[]x\n",
        "[set-state]\n" + none + "[]inject-error\nerrno = \"5\"\n",
        "[]inject-error\n",
        "[set-state]\n" + none + "[]x\n[inject-error]\n" + none,
        "[\n",
        "[",
        "[inject-error]\nfoo = \"x\"\n",
        "[inject-error]\n" + "k".repeat(70) + " = \"x\"\n",
        "[inject-error]\nevent = \"none\"" + " ".repeat(1100) + "\n",
        "[inject-error]\nevent = \"none\"" + " ".repeat(1007) + "\n",
        "[inject-error]\nevent = \"none\"" + " ".repeat(1008) + "\n",
        "[inject-error]\nevent = \"none\"" + " ".repeat(1009) + "\nx\n",
        "[inject-error]\nevent = \"" + "x".repeat(1100) + "\"\n",
        "[" + "x".repeat(70) + "]\n",
        "[" + "x".repeat(63) + "\"id\"]\n",
        "[inject-error \"" + "a".repeat(70) + "\"]\n" + none,
        "[inject-error]\n",
        "[inject-error]\n[inject-error]\n" + none,
        "[set-state]\n",
        "[inject-error \"a\"]\n" + none + "[inject-error \"a\"]\n" + none,
        "[inject-error \"a\"]\n" + none + "[set-state \"a\"]\n" + none,
        "[inject-error \"a b\"]\n" + none,
        "[inject-error \"1x\"]\n" + none,
        "[inject-error \"a.b-c_9\"]\n" + none,
        "[inject-error \"\u00c3\u00a9\"]\n" + none,
        "[inject-error]\nid = \"a\"\n" + none + "[inject-error]\nid = \"a\"\n" + none,
        "[inject-error]\nid = \"\"\n" + none,
        "[inject-error \"1x\"]\nid = \"ok\"\n" + none,
        "[inject-error]\nevent = \"bogus\"\nevent = \"none\"\n",
        "[inject-error]\nevent = \"none\"\nevent = \"bogus\"\n",
        "[inject-error]\nfoo = \"1\"\nerrno = \"x\"\n",
        "[inject-error]\nerrno = \"x\"\nfoo = \"1\"\n",
        "[inject-error]\nonce = \"x\"\nsector = \"x\"\nstate = \"x\"\n",
        "[inject-error]\nbar = \"1\"\nfoo = \"1\"\nbaz = \"1\"\n",
        "[inject-error]\nevent = \"bogus\"\n[set-state]\nfoo = \"1\"\n",
        "[set-state]\nevent = \"bogus\"\n[inject-error]\nevent = \"bogus2\"\n",
        "[inject-error]\nevent = \"bogus\"\n\t\n",
        "[inject-error]\nfoo = \"1\"\n\t\n",
        "[inject-error]\nfoo = \"1\"\n[set-state]\n\t\n",
        "[inject-error]\nevent = \"none\"\0 = junk\n",
        "[inject-error]\n\0event = \"none\"\n",
        "[inject-error]\nevent = \"n\u00c3\u00b6ne\"\n",
        "event = \"none\"\n",
        "event = \"none\"\n[inject-error]\n");
  }

  private static List<String> values() {
    List<String> lines = new ArrayList<>();
    for (String number :
        List.of(
            "0",
            "5",
            "28",
            "1000",
            "010",
            "08",
            "0x10",
            "0X1f",
            "0x",
            "x",
            "abc",
            "",
            " 5",
            "5 ",
            "+5",
            "--5",
            "1k",
            "1.5",
            "2147483647",
            "4294967296",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999",
            "99999999999999999999x",
            "0xffffffffffffffff",
            "0x10000000000000000",
            "01777777777777777777777",
            "02000000000000000000000")) {
      lines.add("sector = \"" + number + "\"");
    }
    for (String number : List.of("0", "1000", "010", "0x10", "abc", "", "ENOSPC", "5x")) {
      lines.add("errno = \"" + number + "\"");
    }
    for (String number : List.of("0", "-1", "-99999999999999999999", "4294967297", "1k", "one")) {
      lines.add("state = \"" + number + "\"");
    }
    for (String bool :
        List.of(
            "on", "off", "yes", "no", "true", "false", "y", "n", "TRUE", "On", "1", "0", "",
            "maybe", " on", "on ")) {
      lines.add("once = \"" + bool + "\"");
      lines.add("immediately = \"" + bool + "\"");
    }
    for (String type :
        List.of(
            "read",
            "write",
            "write-zeroes",
            "discard",
            "flush",
            "block-status",
            "write_zeroes",
            "READ",
            "",
            "bogus",
            "read ")) {
      lines.add("iotype = \"" + type + "\"");
    }
    for (String event : List.of("bogus", "READ_AIO", "read-aio", "l1_grow.alloc_table", " none")) {
      lines.add("event = \"" + event + "\"");
    }
    lines.add("new_state = \"1\"");
    lines.add("once = on");
    lines.add("errno = 5");
    return lines;
  }

  private static List<String> setStateValues() {
    return List.of(
        "new_state = \"2\"",
        "new_state = \"x\"",
        "new_state = \"-1\"",
        "state = \"2\"",
        "errno = \"5\"",
        "iotype = \"read\"");
  }

  private static List<String> dotted() {
    return List.of(
        "inject-error.event=read_aio",
        "inject-error.event=read_aio,inject-error.errno=28",
        "inject-error.0.event=read_aio",
        "inject-error.0.event=read_aio,inject-error.1.event=write_aio",
        "inject-error.1.event=write_aio,inject-error.0.event=read_aio",
        "inject-error.1.event=read_aio",
        "inject-error.0.event=read_aio,inject-error.2.event=read_aio",
        "inject-error.00.event=read_aio",
        "inject-error.0=x",
        "inject-error.0=x,inject-error.1.event=none",
        "inject-error.0.event=none,inject-error.1=x",
        "inject-error.0=x,inject-error.0.event=none",
        "inject-error.foo=x",
        "inject-error.event=none,inject-error.foo=x",
        "inject-error.event=none,inject-error.0.event=none",
        "inject-error.event=none,inject-error.errno=x",
        "inject-error.0.event=none,inject-error.0.foo=x",
        "inject-error.0.event=none,inject-error.0.errno=x",
        "inject-error.0.event=none,inject-error.0.id=x",
        "inject-error.0.event=none,inject-error.0.0.event=none",
        "inject-error.id=x",
        "inject-error.event=none,inject-error.id=x",
        "inject-error.errno=5",
        "inject-error.0.errno=5",
        "inject-error.event=bogus",
        "inject-error.event=none,inject-error.iotype=x",
        "inject-error.event=none,inject-error.once=x",
        "inject-error.event=none,inject-error.sector=99999999999999999999",
        "set-state.event=none,set-state.new_state=2",
        "set-state.0.event=none,set-state.0.new_state=2,set-state.1.event=none",
        "set-state.0.new_state=2",
        "set-state.event=none,set-state.errno=5",
        "set-state.1.event=none",
        "set-state.1.event=none,inject-error.1.event=none",
        "set-state.0.event=bogus,inject-error.0.event=bogus2");
  }
}
