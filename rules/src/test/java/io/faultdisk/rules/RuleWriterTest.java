package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is written of rules for disks says the same when it is read again. */
final class RuleWriterTest {
  private static final List<Event> EVENTS =
      List.of(QemuEvents.NONE, QemuEvents.WRITE_AIO, new Event("wal_append"));

  @Test
  void rulesOfAllKindsReadBackEqual() {
    RandomCases.run(
        "rules read back",
        2000,
        random -> {
          RandomRules rules = new RandomRules(random);
          List<Rule> written = new ArrayList<>();
          for (int i = random.nextInt(5); i >= 0; i--) {
            written.add(rules.rule(EVENTS, Source.program()));
          }
          for (int i = random.nextInt(3); i > 0; i--) {
            written.add(
                new SetState(
                    EVENTS.get(random.nextInt(3)),
                    random.nextInt(3),
                    random.nextInt(3),
                    rules.filter(false, false, false),
                    random.nextBoolean(),
                    Source.program()));
          }
          String text = RuleWriter.write(written);
          try {
            assertThat(plain(RuleSources.read(RuleFile.of("r", text), Dialect.FAULTDISK)))
                .as(text)
                .isEqualTo(plain(written));
            Map<String, String> dotted = dotted(text);
            assertThat(plain(RuleSources.read(Optional.empty(), dotted, Dialect.FAULTDISK)))
                .as(text)
                .containsExactlyInAnyOrderElementsOf(plain(written));
          } catch (UsageException e) {
            throw new AssertionError(text + e.getMessage() + e.hints(), e);
          }
        });
  }

  /** Rules without the places where they came from. */
  private static List<String> plain(List<Rule> rules) {
    return rules.stream()
        .map(rule -> rule.toString().replaceAll("source=[^,\\]]*", "source"))
        .toList();
  }

  /** A file's sections as dotted options. */
  private static Map<String, String> dotted(String text) {
    Map<String, Integer> numbers = new HashMap<>();
    Map<String, String> options = new LinkedHashMap<>();
    String section = "";
    for (String line : text.split("\n")) {
      if (line.startsWith("[")) {
        String name = line.substring(1, line.length() - 1);
        section = name + "." + (numbers.merge(name, 1, Integer::sum) - 1);
      } else if (!line.isEmpty()) {
        String[] parts = line.split(" = ", 2);
        options.put(section + "." + parts[0], parts[1].substring(1, parts[1].length() - 1));
      }
    }
    return options;
  }

  @Test
  void aTagThatAFileCannotHoldIsBent() {
    assertThat(RuleWriter.write(List.of(RuleBuilder.on("none").suspend("a\"b\nc"))))
        .contains("suspend = \"a?b?c\"\n");
  }

  @Test
  void aSeedOfNothingIsLeftOut() throws UsageException {
    String text =
        RuleWriter.write(List.of(RuleBuilder.on("none").chance(100, new Seed(1)).fail(Errno.EIO)));
    assertThat(text).doesNotContain("seed");
    RuleSources.read(RuleFile.of("r", text), Dialect.FAULTDISK);
  }

  @Test
  void aSmallChanceIsWrittenPlainly() throws UsageException {
    String text =
        RuleWriter.write(
            List.of(RuleBuilder.on("none").chance(0.0001, new Seed(1)).fail(Errno.EIO)));
    assertThat(text).contains("chance = \"0.00010\"\n");
    RuleSources.read(RuleFile.of("r", text), Dialect.FAULTDISK);
  }
}
