package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Failures that are probably of one mistake: the same kind of fault at the same kind of place, and
 * the same reason but for its numbers.
 *
 * @param title kind of fault and place: {@code error at l2_update write}
 * @param verdict how all of them ended
 * @param members by index; at least one
 */
record FailureGroup(String title, Verdict verdict, List<CaseResult> members) {
  private static final Pattern OCCURRENCE = Pattern.compile("#\\d+| \\d+$");
  private static final Pattern NUMBER = Pattern.compile("0x[0-9a-fA-F]+|\\d+");

  /** Copies the list. */
  FailureGroup {
    members = List.copyOf(members);
  }

  /** Groups the failures; large groups first, then those that begin early. */
  static List<FailureGroup> of(Results results) {
    Map<List<Object>, List<CaseResult>> byKey = new LinkedHashMap<>();
    for (CaseResult failure : results.failures()) {
      String reason = PlainText.firstLine(failure.outcome().reason());
      byKey
          .computeIfAbsent(
              List.of(title(failure), failure.verdict(), NUMBER.matcher(reason).replaceAll("N")),
              key -> new ArrayList<>())
          .add(failure);
    }
    List<FailureGroup> groups = new ArrayList<>();
    byKey
        .values()
        .forEach(
            members ->
                groups.add(
                    new FailureGroup(title(members.get(0)), members.get(0).verdict(), members)));
    groups.sort(Comparator.comparingInt((FailureGroup group) -> -group.members().size()));
    return groups;
  }

  /** What kind of fault, and where: {@code power cut at flush_to_disk flush}. */
  private static String title(CaseResult failure) {
    String place = failure.point().map(point -> kindOfPlace(point)).orElse("");
    return switch (failure.family()) {
      case ERRORS -> "error at " + place;
      case CRASHES -> "power cut at " + place;
      case PAIRS -> "two faults, first at " + place;
      case RANDOM -> "random errors";
    };
  }

  /** A place without its number: {@code l2_update#2 write 3} is an {@code l2_update write}. */
  static String kindOfPlace(FaultPoint point) {
    return OCCURRENCE.matcher(point.place()).replaceAll("");
  }

  /** The first line of the first member's reason. */
  String reason() {
    return PlainText.firstLine(members.get(0).outcome().reason());
  }

  /**
   * Which failures are shown in full: of each group the first, of each the second, and so on.
   *
   * @param most how many
   * @return their indices
   */
  static Set<Integer> chosen(List<FailureGroup> groups, int most) {
    Set<Integer> indices = new TreeSet<>();
    int largest = groups.stream().mapToInt(group -> group.members().size()).max().orElse(0);
    for (int round = 0; round < largest; round++) {
      for (FailureGroup group : groups) {
        if (indices.size() == most) {
          return indices;
        }
        if (round < group.members().size()) {
          indices.add(group.members().get(round).index());
        }
      }
    }
    return indices;
  }
}
