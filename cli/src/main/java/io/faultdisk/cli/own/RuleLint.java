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
 * given to our copy of it by itself, and if that refuses it, each of its lines alone.
 *
 * @param rules how many rules the file has
 * @param findings one line each, beginning with file and line
 */
record RuleLint(int rules, List<String> findings) {
  /** An event that QEMU has, for sections that are looked at line by line. */
  private static final String NO_EVENT = "event = \"none\"";

  static RuleLint of(String name, byte[] content) {
    List<Rule> rules;
    try {
      rules = read(name, content, Dialect.FAULTDISK);
    } catch (UsageException wrong) {
      return refused(name, wrong);
    }
    if (RuleSources.isJson(content)) {
      String complaint = qemuComplaint(name, content).orElseThrow();
      return new RuleLint(rules.size(), List.of(finding(name, 0, complaint)));
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
      findings.addAll(checkSection(name, lines, starts.get(i), end));
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
  private static List<String> checkSection(String name, String[] lines, int start, int end) {
    String[] section = Arrays.copyOfRange(lines, start, end);
    if (qemuComplaint(name, section).isEmpty()) {
      return List.of();
    }
    String header = section[0];
    Optional<String> unknown = qemuComplaint(name, header, NO_EVENT);
    if (unknown.isPresent()) {
      // What stands in a section that QEMU has not got needs no words of its own.
      return List.of(finding(name, start, unknown.get()));
    }
    List<String> findings = new ArrayList<>();
    for (int i = 1; i < section.length; i++) {
      Optional<String> complaint =
          key(section[i]).equals("event")
              ? qemuComplaint(name, header, section[i])
              : qemuComplaint(name, header, NO_EVENT, section[i]);
      // Of a key that is there twice, the last value counts.
      if (complaint.isPresent() && !isRepeated(section, i)) {
        findings.add(finding(name, start + i, complaint.get()));
      }
    }
    if (findings.isEmpty()) {
      findings.add(finding(name, start, qemuComplaint(name, section).orElseThrow()));
    }
    return findings;
  }

  private static String finding(String name, int line, String complaint) {
    return name + ":" + (line + 1) + ": QEMU refuses this: " + complaint;
  }

  private static String key(String line) {
    return line.strip().split("[\\s=]", 2)[0];
  }

  private static boolean isRepeated(String[] section, int at) {
    for (int i = at + 1; i < section.length; i++) {
      if (key(section[i]).equals(key(section[at]))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> qemuComplaint(String name, String... section) {
    return qemuComplaint(name, String.join("\n", section).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Optional<String> qemuComplaint(String name, byte[] content) {
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
