package io.faultdisk.explore.disk;

import io.faultdisk.base.Errno;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.Injection;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.RuleMatch;
import io.faultdisk.rules.SetState;
import io.faultdisk.rules.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules that make a case happen in a run whose requests come in much the same order as in the
 * recorded one, but not in the same: a request is told by its epoch, its kind and its range.
 *
 * <pre>
 *   flush   read  write(A)  write(B)  flush   write(A)  flush      the fault point is this write
 *     arms in state 1 -> 2               arms in state 2: iotype write, range A, its first match
 * </pre>
 *
 * <p>A rule that is armed by the flush that begins an epoch counts the requests that touch its
 * range from there on. Flushes are counted from the start: the first of epoch n is the (n+1)-th.
 * Whether the request that was hit is the recorded one, {@link DiskTrace} knows afterwards.
 *
 * <p>Where the other kind of workload has all requests fail from a point on, here all of that kind
 * fail that touch the range, from there on: a place gone bad.
 */
final class EpochRules {
  private final List<TimelineEntry> timeline;

  EpochRules(List<TimelineEntry> timeline) {
    this.timeline = timeline;
  }

  /** Those of a case's workload. */
  List<Rule> of(Case what) {
    return switch (what) {
      case Case.ErrorCase error -> rules(error.injection());
      case Case.PairCase pair -> {
        List<Rule> rules = new ArrayList<>(rules(pair.first()));
        int second = pair.first().point().number() + pair.after();
        // By its number, which is about right: the receipts say which request it was.
        rules.add(DiskRules.atRequest(second, pair.errno(), false));
        yield rules;
      }
      case Case.RandomCase random -> DiskRules.of(random);
      case Case.FaultCase other -> DiskRules.of(other);
      case Case.CrashCase crash -> List.of();
      case Case.RecoveryCase recovery -> List.of();
    };
  }

  /** The rules of an injection. */
  List<Rule> rules(Injection injection) {
    int at = indexOf(injection.point());
    TimelineEntry wanted = timeline.get(at);
    int armedAt = wanted.operation().equals(RequestType.FLUSH.wireName()) ? -1 : arming(wanted);
    RuleFilter filter =
        RuleFilter.NONE
            .withOccurrence(1 + countAlike(armedAt, at))
            .withTimes(injection.sticky() ? Long.MAX_VALUE : 1);
    if (wanted.bytes() > 0) {
      filter = filter.withRange(wanted.offset(), wanted.bytes());
    }
    List<Rule> rules = new ArrayList<>();
    RuleMatch match = RuleMatch.on(QemuEvents.NONE);
    if (armedAt >= 0) {
      int which = flushesAnnounced(armedAt);
      match = RuleMatch.on(QemuEvents.FLUSH_TO_DISK);
      if (which > 1) {
        rules.add(
            new SetState(
                QemuEvents.FLUSH_TO_DISK,
                0,
                2,
                RuleFilter.NONE.withOccurrence(which - 1).withTimes(1),
                false,
                Source.program()));
        match = match.withState(2);
      }
    }
    RequestType type =
        RequestType.named(wanted.operation())
            .orElseThrow(() -> new IllegalStateException(wanted.operation()));
    Errno errno = injection.errno();
    rules.add(new InjectError(match.withType(type).withFilter(filter), errno, false));
    return rules;
  }

  private int indexOf(FaultPoint point) {
    int number = 0;
    for (int i = 0; i < timeline.size(); i++) {
      if (timeline.get(i).isRequest() && ++number == point.number()) {
        return i;
      }
    }
    throw new IllegalArgumentException("no request " + point + " in the recording");
  }

  /** The announcement of the flush that began the request's epoch; -1 in the first epoch. */
  private int arming(TimelineEntry wanted) {
    if (wanted.epoch() == 0) {
      return -1;
    }
    int first = 0;
    while (timeline.get(first).epoch() < wanted.epoch()) {
      first++;
    }
    for (int i = first - 1; i >= 0; i--) {
      if (isFlush(timeline.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isFlush(TimelineEntry entry) {
    return entry.event().equals(QemuEvents.FLUSH_TO_DISK.name());
  }

  private int flushesAnnounced(int upTo) {
    int count = 0;
    for (int i = 0; i <= upTo; i++) {
      count += isFlush(timeline.get(i)) ? 1 : 0;
    }
    return count;
  }

  /** How many requests between these two the rule would match as well. */
  private int countAlike(int from, int at) {
    TimelineEntry wanted = timeline.get(at);
    int count = 0;
    for (int i = from + 1; i < at; i++) {
      TimelineEntry entry = timeline.get(i);
      if (entry.operation().equals(wanted.operation())
          && (wanted.bytes() == 0
              || (entry.offset() < wanted.offset() + wanted.bytes()
                  && wanted.offset() < entry.offset() + entry.bytes()))) {
        count++;
      }
    }
    return count;
  }
}
