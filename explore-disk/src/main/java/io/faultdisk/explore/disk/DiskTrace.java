package io.faultdisk.explore.disk;

import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Watches the rules engine of one run: numbers its requests, names their places, keeps what was
 * injected. Any thread.
 *
 * <p>A place is the last event before the request in its epoch, which of its kind in the epoch it
 * was, and the kind of request: {@code l2_update#2 write}; behind the first request of that kind
 * the others have a number, {@code l2_update#2 write 2}; what comes before the first event of an
 * epoch is at its {@code begin}. Where several clients use the disk at once events say little, and
 * a place is the range of the request: {@code write 4096+512}.
 */
final class DiskTrace implements Observer {
  private final DiskRun run;
  private final boolean byRange;
  private final boolean full;
  private final ReentrantLock lock = new ReentrantLock();

  private final List<FaultPoint> points = new ArrayList<>();
  private final List<TimelineEntry> timeline = new ArrayList<>();
  private final SortedMap<String, Long> events = new TreeMap<>();
  private final List<Injected> injected = new ArrayList<>();

  private long epoch = -1;
  private final Map<String, Integer> eventsInEpoch = new HashMap<>();
  private final Map<String, Integer> placesInEpoch = new HashMap<>();
  private long lastInjection;
  private String lastEvent = "begin";

  /**
   * A request that was not let through.
   *
   * @param point where
   * @param decision what became of it
   * @param request which
   */
  record Injected(FaultPoint point, Decision decision, Request request) {
    @Override
    public String toString() {
      return point
          + " ("
          + request.type().wireName()
          + (request.bytes() == 0 ? "" : " " + request.offset() + "+" + request.bytes())
          + "): "
          + decision;
    }
  }

  /**
   * A watcher.
   *
   * @param byRange how places are named
   * @param full whether to keep all, as in the recorded run; otherwise only what was injected
   */
  DiskTrace(DiskRun run, boolean byRange, boolean full) {
    this.run = run;
    this.byRange = byRange;
    this.full = full;
  }

  @Override
  public void observed(Observation observation) {
    switch (observation) {
      case Observation.EventAnnounced event -> locked(() -> event(event.event().name()));
      case Observation.RequestChecked checked ->
          locked(() -> request(checked.request(), checked.decision()));
      default -> {
        // Nothing that a name could be made of.
      }
    }
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private void event(String name) {
    enterEpoch();
    lastEvent = name + "#" + eventsInEpoch.merge(name, 1, Integer::sum);
    if (full) {
      events.merge(name, 1L, Long::sum);
      timeline.add(TimelineEntry.event(epoch, name));
    }
  }

  private void request(Request request, Decision decision) {
    if (request.type() == RequestType.BLOCK_STATUS) {
      return; // no rule means it unless it says so, and no data is at stake
    }
    enterEpoch();
    String type = request.type().wireName();
    String place =
        byRange
            ? type + (request.bytes() == 0 ? "" : " " + request.offset() + "+" + request.bytes())
            : lastEvent + " " + type;
    int which = placesInEpoch.merge(place, 1, Integer::sum);
    FaultPoint point =
        new FaultPoint(run.nextRequest(), epoch, which == 1 ? place : place + " " + which);
    if (full) {
      points.add(point);
      timeline.add(TimelineEntry.request(epoch, type, request.offset(), request.bytes()));
    }
    if (decision.kind() != Decision.Kind.PASS) {
      injected.add(new Injected(point, decision, request));
      lastInjection = run.ticks().next();
    }
  }

  private void enterEpoch() {
    long now = run.epoch();
    if (now != epoch) {
      epoch = now;
      lastEvent = "begin";
      eventsInEpoch.clear();
      placesInEpoch.clear();
    }
  }

  List<FaultPoint> points() {
    return points;
  }

  List<TimelineEntry> timeline() {
    return timeline;
  }

  SortedMap<String, Long> events() {
    return events;
  }

  /** When a request was last not let through; 0 if none was. */
  long lastInjection() {
    return lastInjection;
  }

  List<Injected> injected() {
    lock.lock();
    try {
      return List.copyOf(injected);
    } finally {
      lock.unlock();
    }
  }
}
