package io.faultdisk.cli.own;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What there is to say about a rule file.
 *
 * <p>QEMU's reader stops at its first complaint and does not say where it is. So each section is
 * given to our copy of it by itself, and if that refuses it, the line to blame is the one without
 * which it would not.
 *
 * @param rules how many rules the file has
 * @param findings one line each, beginning with file and line
 */
record RuleLint(int rules, List<String> findings) {

  static RuleLint of(String name, byte[] content) {
    List<Rule> rules;
    try {
      rules = read(name, content, Dialect.FAULTDISK);
    } catch (UsageException wrong) {
      return refused(name, wrong);
    }
    String[] lines = new String(content, StandardCharsets.ISO_8859_1).split("\n", -1);
    List<Integer> starts = new ArrayList<>();
    for (Rule rule : rules) {
      starts.add(rule.source().line() - 1);
    }
    starts.sort(null);
    List<String> findings = new ArrayList<>();
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) : lines.length;
      checkSection(name, lines, starts.get(i), end).ifPresent(findings::add);
    }
    return new RuleLint(rules.size(), findings);
  }

  /** The same for rules about the files of a program, of which QEMU knows nothing. */
  static RuleLint ofFiles(String name, byte[] content) {
    try {
      List<Rule> rules = RuleSources.read(new RuleFile(name, content), Dialect.FILES);
      return new RuleLint(rules.size(), List.of());
    } catch (UsageException wrong) {
      return refused(name, wrong);
    }
  }

  private static RuleLint refused(String name, UsageException wrong) {
    List<String> findings = new ArrayList<>();
    String message = String.valueOf(wrong.getMessage());
    findings.add(message.startsWith(name) ? message : name + ": " + message);
    findings.addAll(wrong.hints());
    return new RuleLint(0, findings);
  }

  /** What QEMU has against the section that begins and ends at these lines, counted from 0. */
  private static Optional<String> checkSection(String name, String[] lines, int start, int end) {
    String[] section = Arrays.copyOfRange(lines, start, end);
    Optional<String> complaint = qemuComplaint(name, section);
    if (complaint.isEmpty()) {
      return Optional.empty();
    }
    int guilty = 0;
    for (int i = 1; i < section.length && guilty == 0; i++) {
      String[] without = section.clone();
      // An event is needed, so it is not removed but replaced by one that QEMU knows.
      without[i] = section[i].strip().startsWith("event") ? "event = \"none\"" : "";
      if (!without[i].equals(section[i]) && qemuComplaint(name, without).isEmpty()) {
        guilty = i;
      }
    }
    return Optional.of(
        name + ":" + (start + guilty + 1) + ": QEMU refuses this: " + complaint.get());
  }

  private static Optional<String> qemuComplaint(String name, String[] section) {
    byte[] content = String.join("\n", section).getBytes(StandardCharsets.ISO_8859_1);
    try {
      read(name, content, Dialect.QEMU);
      return Optional.empty();
    } catch (UsageException refused) {
      return Optional.of(String.valueOf(refused.getMessage()));
    }
  }

  private static List<Rule> read(String name, byte[] content, Dialect dialect)
      throws UsageException {
    return RuleSources.read(Optional.of(new RuleFile(name, content)), Map.of(), dialect);
  }
}
