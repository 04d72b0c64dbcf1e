package io.faultdisk.daemon.disk;

import io.faultdisk.block.blkdebug.RuleBrief;
import io.faultdisk.block.blkdebug.RuleWords;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleWriter;
import io.faultdisk.rules.Snapshot.RuleStatus;
import java.util.Map;

/**
 * A rule of a disk and what has become of it. Immutable.
 *
 * @param id tells it from all others that the disk has or ever had, from 1
 * @param status the rule and its counts
 */
public record Fault(int id, RuleStatus status) {

  static Fault of(RuleStatus status) {
    return new Fault(status.id(), status);
  }

  /** The rule itself. */
  public Rule rule() {
    return status.rule();
  }

  /** {@code inject-error}, {@code set-state}, ...: the section that it would be in a file. */
  public String kind() {
    return rule().kind().wireName();
  }

  /** Its keys in a rule file, {@code event} first, without those that say the default. */
  public Map<String, String> keys() {
    return RuleWriter.keys(rule(), Dialect.FAULTDISK);
  }

  /** What it does, in a few words. */
  public String brief() {
    return RuleBrief.of(rule());
  }

  /** What it does, in a sentence. */
  public String sentence() {
    return RuleWords.of(rule());
  }

  /** Where it came from: {@code rules.conf:3}, {@code inject-error.0}, {@code live}. */
  public String source() {
    return rule().source().toString();
  }
}
