package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an exploration is about: results belong together only if all of this is the same.
 *
 * @param subject what is explored, in words
 * @param plan {@link ExplorationPlan#describe}
 * @param recording {@link Recording#digest}
 * @param cases how many there are in all shards
 * @param points how many fault points the recording has
 * @param states how many crash states, without those of equal content
 * @param statesSaved how many of equal content were left out
 * @param events how often each event was announced in the recorded run
 */
public record Heading(
    String subject,
    String plan,
    String recording,
    int cases,
    int points,
    int states,
    int statesSaved,
    SortedMap<String, Long> events) {
  /** Copies the map. */
  public Heading {
    events = Collections.unmodifiableSortedMap(new TreeMap<>(events));
  }

  static Heading of(Subject subject, ExplorationPlan plan, Recording recording, int cases) {
    return new Heading(
        subject.description(),
        plan.describe(),
        recording.digest(),
        cases,
        recording.points().size(),
        recording.states().size(),
        recording.statesSaved(),
        recording.events());
  }

  /** What is not the same, a line each, with our value before the other's; empty if all is. */
  List<String> differences(Heading other) {
    List<String> lines = new ArrayList<>();
    compare("subject", subject, other.subject, lines);
    compare("plan", plan, other.plan, lines);
    compare("recording", recording, other.recording, lines);
    compare("number of cases", cases, other.cases, lines);
    compare("number of fault points", points, other.points, lines);
    compare("number of crash states", states, other.states, lines);
    compare("number of states of equal content", statesSaved, other.statesSaved, lines);
    if (!events.equals(other.events)) {
      lines.add("the events of the recorded run are others");
    }
    return lines;
  }

  private static void compare(String what, Object ours, Object theirs, List<String> lines) {
    if (!ours.equals(theirs)) {
      lines.add(what + ": '" + ours + "' here, '" + theirs + "' there");
    }
  }
}
