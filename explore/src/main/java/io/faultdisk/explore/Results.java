package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What an exploration has found, or a part of one.
 *
 * @param heading what was explored
 * @param cases those that were tried, by index
 * @param timeline the recorded run, for reports; empty if it is not known
 */
public record Results(Heading heading, List<CaseResult> cases, List<TimelineEntry> timeline) {
  /** Sorts and copies. */
  public Results {
    List<CaseResult> sorted = new ArrayList<>(cases);
    sorted.sort(Comparator.comparingInt(CaseResult::index));
    cases = List.copyOf(sorted);
    timeline = List.copyOf(timeline);
  }

  /** How many cases ended in each way; all ways are there. */
  public Map<Verdict, Integer> counts() {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict, 0);
    }
    for (CaseResult result : cases) {
      counts.merge(result.verdict(), 1, Integer::sum);
    }
    return counts;
  }

  /** Those that tell of something to be mended. */
  public List<CaseResult> failures() {
    return cases.stream().filter(result -> result.verdict().isFailure()).toList();
  }

  /** Whether every case of the exploration was tried. */
  public boolean isComplete() {
    return cases.size() == heading.cases();
  }
}
