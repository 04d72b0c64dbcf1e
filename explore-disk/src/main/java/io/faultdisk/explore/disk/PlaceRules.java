package io.faultdisk.explore.disk;

import io.faultdisk.base.Errno;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.SetState;
import io.faultdisk.rules.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says a fault point with the rules that QEMU has: an event that arms the rule, counted by states,
 * and if need be the kind of request and its sector.
 *
 * <pre>
 *   l2_update  l2_update  pwritev  flush  write        the fault point is this write
 *    1 -> 2       2 -> 3, and arms in state 2: once, iotype write
 * </pre>
 *
 * <p>Of the events before the request the one is taken that needs the fewest rules.
 */
final class PlaceRules {
  /** More states than that nobody wants to read. */
  private static final int STATES_MAX = 64;

  /** How many entries before the request are looked at for an event. */
  private static final int LOOK_BACK = 200;

  private final List<TimelineEntry> timeline;

  PlaceRules(List<TimelineEntry> timeline) {
    this.timeline = timeline;
  }

  /** How a request is told from those before it. */
  private enum Narrowing {
    NONE(0),
    TYPE(1),
    TYPE_AND_SECTOR(2);

    /** How many more keys it takes. */
    final int keys;

    Narrowing(int keys) {
      this.keys = keys;
    }
  }

  /**
   * An event that arms a rule.
   *
   * @param count which of its kind, from 1
   */
  private record Arming(String event, int count, Narrowing narrowing) {
    int cost() {
      return count + narrowing.keys;
    }
  }

  /** The rules; empty if there is no such event. */
  Optional<List<Rule>> of(FaultPoint point, Errno errno, boolean sticky) {
    int at = indexOf(point.number());
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < at; i++) {
      if (!timeline.get(i).isRequest()) {
        counts.merge(timeline.get(i).event(), 1, Integer::sum);
      }
    }
    Optional<Arming> best = Optional.empty();
    Set<String> seen = new HashSet<>();
    for (int i = at - 1; i >= Math.max(0, at - LOOK_BACK); i--) {
      TimelineEntry entry = timeline.get(i);
      if (entry.isRequest()) {
        continue;
      }
      // Of events with one name the last one before the request is the best.
      if (seen.add(entry.event())) {
        best =
            cheaper(
                best, arming(entry.event(), counts.getOrDefault(entry.event(), 0), i, at, sticky));
      }
    }
    // What is armed from the start on may be told by its sector.
    if (!timeline.isEmpty() && !timeline.get(0).isRequest()) {
      best = cheaper(best, arming(timeline.get(0).event(), 1, 0, at, sticky));
    }
    return best.map(arming -> rules(arming, timeline.get(at), errno, sticky));
  }

  private static Optional<Arming> cheaper(Optional<Arming> one, Optional<Arming> other) {
    return other.isEmpty() || (one.isPresent() && one.get().cost() <= other.get().cost())
        ? one
        : other;
  }

  private int indexOf(int request) {
    int number = 0;
    for (int i = 0; i < timeline.size(); i++) {
      if (timeline.get(i).isRequest() && ++number == request) {
        return i;
      }
    }
    throw new IllegalArgumentException("no request " + request + " in the recording");
  }

  /** An event at index {@code from} for the request at index {@code at}, if one can tell it. */
  private Optional<Arming> arming(String event, int count, int from, int at, boolean sticky) {
    if (count > STATES_MAX) {
      return Optional.empty();
    }
    for (Narrowing narrowing : Narrowing.values()) {
      if (sticky && narrowing != Narrowing.NONE) {
        return Optional.empty(); // all requests are to fail from there on
      }
      if (isFirst(from, at, narrowing)) {
        return Optional.of(new Arming(event, count, narrowing));
      }
    }
    return Optional.empty();
  }

  private boolean isFirst(int from, int at, Narrowing narrowing) {
    TimelineEntry wanted = timeline.get(at);
    for (int i = from + 1; i < at; i++) {
      if (timeline.get(i).isRequest() && looksLike(timeline.get(i), wanted, narrowing)) {
        return false;
      }
    }
    return narrowing != Narrowing.TYPE_AND_SECTOR
        || sector(wanted) * InjectError.SECTOR_BYTES < wanted.offset() + wanted.bytes();
  }

  private static boolean looksLike(TimelineEntry other, TimelineEntry wanted, Narrowing narrowing) {
    boolean sameType = other.operation().equals(wanted.operation());
    return switch (narrowing) {
      case NONE -> true;
      case TYPE -> sameType;
      case TYPE_AND_SECTOR -> {
        long first = sector(wanted) * InjectError.SECTOR_BYTES;
        yield sameType && other.offset() <= first && first < other.offset() + other.bytes();
      }
    };
  }

  /** The first sector that begins in the request, if there is one. */
  private static long sector(TimelineEntry request) {
    return (request.offset() + InjectError.SECTOR_BYTES - 1) / InjectError.SECTOR_BYTES;
  }

  private static List<Rule> rules(
      Arming arming, TimelineEntry request, Errno errno, boolean sticky) {
    Event event = new Event(arming.event());
    List<Rule> rules = new ArrayList<>();
    for (int state = 1; state < arming.count(); state++) {
      rules.add(new SetState(event, state, state + 1, Source.program()));
    }
    InjectError error = InjectError.on(event).withErrno(errno);
    if (arming.count() > 1) {
      error = error.withState(arming.count());
    }
    if (arming.narrowing() != Narrowing.NONE) {
      error =
          error.withType(
              RequestType.named(request.operation())
                  .orElseThrow(() -> new IllegalStateException(request.operation())));
    }
    if (arming.narrowing() == Narrowing.TYPE_AND_SECTOR) {
      error = error.withSector(sector(request));
    }
    rules.add(sticky ? error : error.withOnce());
    return rules;
  }
}
