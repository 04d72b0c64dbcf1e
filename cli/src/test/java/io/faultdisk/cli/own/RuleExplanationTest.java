package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What rules do, in words and drawn. The examples of docs/rules.md are the golden texts. */
final class RuleExplanationTest {
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "```ini\n(.*?)```\n+```text\n(.*?)```\n(?:\n```mermaid\n(.*?)```\n)?", Pattern.DOTALL);

  /** The machine of the guide: state 2 after the first write. */
  private static final String MACHINE =
      """
      [set-state]
      event = "write_aio"
      state = "1"
      new_state = "2"
      occurrence = "3"

      [set-state]
      event = "flush_to_os"
      new_state = "-1"

      [inject-error]
      event = "write_aio"
      state = "2"

      [drop-write]
      event = "none"

      [stale-read]
      event = "none"
      state = "7"
      """;

  private static List<String> explain(String text, Dialect dialect, RuleExplanation.Format format)
      throws Exception {
    return new RuleExplanation(
            "rules.conf", RuleSources.read(RuleFile.of("rules.conf", text), dialect))
        .lines(format);
  }

  record Example(String rules, String words) {}

  static Stream<Example> examples() throws Exception {
    Matcher matcher =
        EXAMPLE.matcher(
            Files.readString(Path.of(System.getProperty("faultdisk.root"), "docs/rules.md")));
    List<Example> examples = new ArrayList<>();
    while (matcher.find()) {
      examples.add(new Example(matcher.group(1), matcher.group(2)));
    }
    return examples.stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theGuideSaysWhatIsSaid(Example example) throws Exception {
    List<String> lines = explain(example.rules(), Dialect.FAULTDISK, RuleExplanation.Format.TEXT);
    // The guide draws no state machines.
    int drawing = lines.indexOf("```mermaid");
    List<String> words = drawing < 0 ? lines : lines.subList(0, drawing - 1);
    assertThat(String.join("\n", words) + "\n").isEqualTo(example.words());
  }

  /** Every section and every key is in an example. */
  @Test
  void theGuideIsComplete() throws Exception {
    String all = String.join("\n", examples().map(Example::rules).toList());
    for (String section : RuleSources.sections(Dialect.FAULTDISK)) {
      assertThat(all).contains("[" + section + "]\n");
    }
    for (String key :
        List.of(
            "event",
            "state",
            "new_state",
            "iotype",
            "errno",
            "sector",
            "once",
            "immediately",
            "when",
            "delay-ns",
            "suspend",
            "bits",
            "sectors",
            "part",
            "then",
            "to",
            "by",
            "mode",
            "survivors",
            "offset",
            "bytes",
            "start",
            "nr_sectors",
            "occurrence",
            "times",
            "chance",
            "seed",
            "expect-fired")) {
      assertThat(all).contains("\n" + key + " = ");
    }
  }

  @Test
  void theWordsGoByStateAndEndWithTheDrawing() throws Exception {
    assertThat(explain(MACHINE, Dialect.FAULTDISK, RuleExplanation.Format.TEXT))
        .startsWith(
            "rules.conf: 5 rules, the first that matches a request decides it",
            "",
            "In any state:",
            "  rules.conf:7: Every flush_to_os makes it state -1.",
            "  rules.conf:15: From the start, every write, zero write or discard is acknowledged"
                + " and never stored.",
            "",
            "In state 1, the first:",
            "  rules.conf:1: The 3rd write_aio makes it state 2.",
            "",
            "In state 2:",
            "  rules.conf:11: After write_aio, every request fails with EIO (Input/output error).",
            "",
            "In state 7, to which no rule leads:",
            "  rules.conf:18: From the start, every read returns what was there before the last"
                + " write.",
            "",
            "States",
            "  in   at            becomes  by",
            "  1    write_aio #3  2        rules.conf:1",
            "  any  flush_to_os   -1       rules.conf:7",
            "",
            "```mermaid")
        .endsWith("```");
  }

  @Test
  void mermaid() throws Exception {
    assertThat(explain(MACHINE, Dialect.FAULTDISK, RuleExplanation.Format.MERMAID))
        .containsExactly(
            "stateDiagram-v2",
            "  [*] --> s1",
            "  sm1 : state -1",
            "  s1 : state 1",
            "  s2 : state 2",
            "  s2 : inject-error at write_aio",
            "  s7 : state 7",
            "  s7 : stale-read at none",
            "  any : any state",
            "  any : drop-write at none",
            "  s1 --> s2 : write_aio #3",
            "  any --> sm1 : flush_to_os");
  }

  @Test
  void dot() throws Exception {
    assertThat(explain(MACHINE, Dialect.FAULTDISK, RuleExplanation.Format.DOT))
        .containsExactly(
            "digraph rules {",
            "  node [shape=box, style=rounded];",
            "  start [shape=point];",
            "  start -> s1;",
            "  sm1 [label=\"state -1\"];",
            "  s1 [label=\"state 1\"];",
            "  s2 [label=\"state 2\\ninject-error at write_aio\"];",
            "  s7 [label=\"state 7\\nstale-read at none\"];",
            "  any [label=\"any state\\ndrop-write at none\", style=\"rounded,dashed\"];",
            "  s1 -> s2 [label=\"write_aio #3\"];",
            "  any -> sm1 [label=\"flush_to_os\"];",
            "}");
  }

  @Test
  void rulesForFiles() throws Exception {
    assertThat(
            explain(
                """
                [inject-error]
                event = "fsync"
                path = "*.wal"
                occurrence = "3"

                [short-transfer]
                event = "write"
                limit = "10"
                times = "2"

                [cut-power]
                event = "rename"
                """,
                Dialect.FILES,
                RuleExplanation.Format.TEXT))
        .containsExactly(
            "rules.conf: 3 rules, the first that matches a request decides it",
            "",
            "In any state:",
            "  rules.conf:1: The 3rd fsync of *.wal fails with EIO (Input/output error).",
            "  rules.conf:6: Each of the first 2 write operations moves 10 bytes at most and says"
                + " so.",
            "  rules.conf:11: The first rename: the power goes.");
  }
}
