package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.base.ShellWord;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Writes down how to see a case again. Immutable; any thread. */
final class FileReproducer {
  /** The rules of the workload. */
  static final String RULES = "rules.conf";

  /** The rules of the recovery. */
  static final String RECOVERY = "recovery.conf";

  private final UnaryOperator<String> command;
  private final Seed seed;

  /**
   * Makes one.
   *
   * @param command makes a command line of flags such as {@code -Dfaultdisk.only='...'}
   */
  FileReproducer(UnaryOperator<String> command, Seed seed) {
    this.command = command;
    this.seed = seed;
  }

  /** The flags that repeat a case. */
  static String flags(String id, Seed seed) {
    return "-D"
        + Exploration.ONLY_PROPERTY
        + "="
        + ShellWord.quoted(id)
        + " -D"
        + Exploration.SEED_PROPERTY
        + "="
        + seed;
  }

  Reproducer of(FileFault fault, String id) {
    Map<String, String> files = new TreeMap<>();
    files.put(RULES, text(id, "the workload", fault.rules(), fault.trial().cut()));
    if (!fault.recovery().isEmpty()) {
      files.put(RECOVERY, text(id, "the recovery", fault.recovery(), Optional.empty()));
    }
    return new Reproducer(files, command.apply(flags(id, seed)), Optional.empty());
  }

  private static String text(String id, String phase, List<Rule> rules, Optional<PowerCut> cut) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(id).append("\n# rules for files, to be added when ").append(phase);
    text.append(" begins: faults.addText(...)\n");
    cut.ifPresent(
        how ->
            text.append("# when it has ended the power is cut: files.cutPower(")
                .append(how)
                .append(")\n"));
    return text.append(RuleWriter.write(rules, Dialect.FILES)).toString();
  }
}
