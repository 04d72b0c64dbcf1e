package io.faultdisk.explore;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the clean run showed: all that can be made to go wrong.
 *
 * @param points the fault points, in the order of their requests
 * @param traits what can go wrong at them, by number; {@link PointTraits#ERRORS} if not said
 * @param states the crash states to try, those with equal content only once
 * @param statesListed how many crash states there were before equal ones were left out
 * @param events how often each event was announced, and 0 for those that could have been
 * @param timeline events and requests in their order
 * @param recoveryRequests how many requests it takes to recover from a power cut, about
 * @param digest a short text that two recordings share only if they are the same
 */
public record Recording(
    List<FaultPoint> points,
    Map<Integer, PointTraits> traits,
    List<CrashState> states,
    int statesListed,
    SortedMap<String, Long> events,
    List<TimelineEntry> timeline,
    int recoveryRequests,
    String digest) {
  /** Copies the collections. */
  public Recording {
    points = List.copyOf(points);
    traits = Map.copyOf(traits);
    states = List.copyOf(states);
    events = Collections.unmodifiableSortedMap(new TreeMap<>(events));
    timeline = List.copyOf(timeline);
  }

  /** A recording with points that can have any error, and nothing else. */
  public Recording(
      List<FaultPoint> points,
      List<CrashState> states,
      int statesListed,
      SortedMap<String, Long> events,
      List<TimelineEntry> timeline,
      int recoveryRequests,
      String digest) {
    this(points, Map.of(), states, statesListed, events, timeline, recoveryRequests, digest);
  }

  /** What can go wrong at a point. */
  public PointTraits traitsOf(FaultPoint point) {
    return traits.getOrDefault(point.number(), PointTraits.ERRORS);
  }

  /** How many crash states need no check of their own. */
  public int statesSaved() {
    return statesListed - states.size();
  }

  /** A recording in which nothing can go wrong. */
  public static Recording empty() {
    return new Recording(List.of(), List.of(), 0, new TreeMap<>(Map.of()), List.of(), 0, "empty");
  }
}
