package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins the parts of an exploration.
 *
 * @param results what all parts have found
 * @param missing what is not there, a line per shard; empty if nothing is
 */
public record Merge(Results results, List<String> missing) {
  /** Copies the list. */
  public Merge {
    missing = List.copyOf(missing);
  }

  /**
   * Joins parts of the same exploration; a case may be in several of them.
   *
   * @param parts at least one
   * @throws UsageException if one is of something else than the first, or two say different things
   *     of a case
   */
  public static Merge of(List<ResultPart> parts) throws UsageException {
    if (parts.isEmpty()) {
      throw new UsageException("there is nothing to merge", "Name the directories of the shards.");
    }
    ResultPart first = parts.get(0);
    Heading heading = first.results().heading();
    Map<Integer, CaseResult> cases = new LinkedHashMap<>();
    Map<Integer, String> origin = new LinkedHashMap<>();
    List<TimelineEntry> timeline = List.of();
    for (ResultPart part : parts) {
      List<String> differences = heading.differences(part.results().heading());
      if (!differences.isEmpty()) {
        throw new UsageException(
            "the results in "
                + part.name()
                + " do not belong to those in "
                + first.name()
                + " ('here'): "
                + String.join("; ", differences));
      }
      for (CaseResult result : part.results().cases()) {
        CaseResult other = cases.putIfAbsent(result.index(), result);
        if (other == null) {
          origin.put(result.index(), part.name());
        } else if (!agree(other, result)) {
          throw new UsageException(
              String.format(
                  "case %d (%s) is %s in %s, but %s in %s",
                  result.index(),
                  result.id(),
                  describe(other.outcome()),
                  origin.get(result.index()),
                  describe(result.outcome()),
                  part.name()),
              "The same case must end in the same way: the subject is not deterministic.");
        }
      }
      if (timeline.isEmpty()) {
        timeline = part.results().timeline();
      }
    }
    Results results = new Results(heading, List.copyOf(cases.values()), timeline);
    return new Merge(results, missing(parts, results));
  }

  /** Where a program hung or died is told by a stack, which need not be the same again. */
  private static boolean agree(CaseResult a, CaseResult b) {
    if (a.verdict() == Verdict.HUNG || a.verdict() == Verdict.CRASHED) {
      return a.id().equals(b.id()) && a.verdict() == b.verdict();
    }
    return a.equals(b);
  }

  private static String describe(Outcome outcome) {
    String line = outcome.reason().lines().findFirst().orElse("");
    return outcome.verdict().word() + (line.isEmpty() ? "" : " ('" + line + "')");
  }

  private static List<String> missing(List<ResultPart> parts, Results results) {
    if (results.isComplete()) {
      return List.of();
    }
    int of = parts.get(0).shard().of();
    if (parts.stream().anyMatch(part -> part.shard().of() != of)) {
      return List.of(count(results.heading().cases() - results.cases().size()) + " missing");
    }
    boolean[] there = new boolean[results.heading().cases()];
    results.cases().forEach(result -> there[result.index()] = true);
    List<String> lines = new ArrayList<>();
    for (int index = 1; index <= of; index++) {
      Shard shard = new Shard(index, of);
      int absent = 0;
      for (int i = index - 1; i < there.length; i += of) {
        absent += there[i] ? 0 : 1;
      }
      if (absent > 0) {
        lines.add("shard " + shard + ": " + count(absent) + " missing: " + where(parts, shard));
      }
    }
    return lines;
  }

  private static String count(int cases) {
    return cases + (cases == 1 ? " case is" : " cases are");
  }

  private static String where(List<ResultPart> parts, Shard shard) {
    return parts.stream()
        .filter(part -> part.shard().equals(shard))
        .findFirst()
        .map(part -> part.name() + " is not complete, go on with --resume")
        .orElse("no directory is of this shard");
  }
}
