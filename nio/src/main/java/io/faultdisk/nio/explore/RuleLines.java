package io.faultdisk.nio.explore;

import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleWriter;
import io.faultdisk.rules.Source;
import java.util.List;
import java.util.stream.Collectors;

/** Rules as people read them in messages. */
final class RuleLines {
  private RuleLines() {}

  /** {@code [inject-error] event = "fsync" errno = "EIO"}. */
  static String inOneLine(Rule rule) {
    return RuleWriter.write(List.of(rule)).strip().replace('\n', ' ');
  }

  /** {@code fsync-fails.conf:3: }, or nothing if a program made it. */
  static String where(Rule rule) {
    return rule.source().equals(Source.program()) ? "" : rule.source() + ": ";
  }

  /** Each line on a new one. */
  static String indented(List<Rule> rules, String indent) {
    return RuleWriter.write(rules)
        .lines()
        .map(line -> line.isEmpty() ? "\n" : "\n" + indent + line)
        .collect(Collectors.joining());
  }
}
