package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads rules from a rule file and from dotted options. Does no I/O. */
public final class RuleSources {
  private RuleSources() {}

  /**
   * Reads the rules of a file and then those of dotted options.
   *
   * @param file the rule file, if any
   * @param options dotted keys such as {@code inject-error.0.event}; others are ignored
   * @throws UsageException if QEMU would refuse them
   */
  public static List<Rule> read(
      Optional<RuleFile> file, Map<String, String> options, Dialect dialect) throws UsageException {
    throw new UnsupportedOperationException("not yet");
  }
}
