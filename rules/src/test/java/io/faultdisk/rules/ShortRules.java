package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rules in few words, for tables: {@code IE read_aio once sector=10; SS none 1>2}. They are turned
 * into a rule file and read from it.
 */
final class ShortRules {
  private ShortRules() {}

  static List<Rule> read(String rules) throws UsageException {
    StringBuilder file = new StringBuilder();
    for (String rule : rules.split(";")) {
      String[] words = rule.strip().split(" +");
      file.append(words[0].equals("IE") ? "[inject-error]\n" : "[set-state]\n");
      key(file, "event", words[1]);
      for (int i = 2; i < words.length; i++) {
        String word = words[i];
        if (word.indexOf('>') >= 0) {
          String[] states = word.split(">");
          key(file, "state", states[0].isEmpty() ? "0" : states[0]);
          key(file, "new_state", states[1]);
        } else if (word.indexOf('=') >= 0) {
          String[] pair = word.split("=");
          key(file, pair[0], pair[1]);
        } else {
          key(file, word, "on");
        }
      }
    }
    return RuleSources.read(
        Optional.of(RuleFile.of("table", file.toString())), Map.of(), Dialect.QEMU);
  }

  private static void key(StringBuilder file, String key, String value) {
    file.append(key).append(" = \"").append(value).append("\"\n");
  }
}
