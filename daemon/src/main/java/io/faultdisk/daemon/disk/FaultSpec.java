package io.faultdisk.daemon.disk;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.Source;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A rule as somebody asks for it: what could stand in a rule file. Immutable.
 *
 * @param kind the section: {@code inject-error}
 * @param keys its keys and their values as text, {@code event} if it is not {@code none}
 */
public record FaultSpec(String kind, Map<String, String> keys) {
  private static final Source LIVE = Source.options("live");

  public FaultSpec {
    keys = Map.copyOf(keys);
  }

  /** The kinds of rules that a disk can have, in the order of the documentation. */
  public static List<String> kinds() {
    return RuleSources.sections(Dialect.FAULTDISK);
  }

  /** The keys that a rule of a kind can have; none if there is no such kind. */
  public static List<String> keys(String kind) {
    return RuleSources.keys(kind, Dialect.FAULTDISK);
  }

  /**
   * The rule. Without {@code event} it is one on {@code none}, which applies at once.
   *
   * @throws UsageException if a rule file with that would be refused, with the same words
   */
  public Rule rule() throws UsageException {
    if (!kinds().contains(kind)) {
      throw new UsageException(
          "there is no kind of fault '" + kind + "'; there are: " + String.join(", ", kinds()));
    }
    Map<String, String> all = new LinkedHashMap<>(keys);
    all.putIfAbsent("event", "none");
    return RuleSources.readOne(kind, all, LIVE, Dialect.FAULTDISK);
  }
}
