package io.faultdisk.nio.explore;

import io.faultdisk.faults.FaultPoint;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Watches one phase of an attempt: which points it comes to, and where something was injected.
 *
 * <p>Points are named as in a {@link Trial}; other operations are counted only. Safe from any
 * thread; with several at once their order is that in which they were decided.
 */
final class PointWatch implements AutoCloseable {
  private final Faults faults;
  private final TrialPlan plan;
  private final Names names;
  private final Listener listener;
  private final long firstEpoch;
  private final List<Seen> seen = new ArrayList<>();
  private final List<Seen> injected = new ArrayList<>();
  private final Map<String, Long> counts = new HashMap<>();
  private final Observer.Registration registration;

  /**
   * An operation that is a point, or that something was injected into, before it is done.
   *
   * @param number of the point in its phase, from 1; 0 if it is none
   * @param point with a short target, and the epoch counted from the beginning of the phase
   */
  record Seen(int number, FaultPoint point, long offset, long bytes, boolean injected) {
    /** What is done to which file: {@code write a.wal}. */
    String operation() {
      return point.target().equals(point.event())
          ? point.event()
          : point.event() + " " + point.target();
    }

    /** Where, as people read it. */
    String place() {
      return point.toString();
    }
  }

  /** Is told of each before it is done, in the thread that does it. */
  @FunctionalInterface
  interface Listener {
    void at(Seen seen);
  }

  PointWatch(Faults faults, TrialPlan plan, Names names, Listener listener) {
    this.faults = faults;
    this.plan = plan;
    this.names = names;
    this.listener = listener;
    this.firstEpoch = faults.epoch();
    this.registration = faults.observe(this::observed);
  }

  private void observed(Observation observation) {
    if (!(observation instanceof Observation.OperationPerformed performed)) {
      return;
    }
    Operation operation = performed.operation();
    String event = operation.wider() == null ? operation.name() : operation.wider().name();
    boolean hit = performed.decision().kind() != Decision.Kind.PASS;
    Seen found;
    synchronized (this) {
      long occurrence = counts.merge(event, 1L, Long::sum);
      FaultPoint point =
          new FaultPoint(
              event,
              occurrence,
              names.shorten(performed.target().toString()),
              faults.epoch() - firstEpoch);
      boolean isPoint =
          plan.isPoint(new FaultPoint(event, occurrence, performed.target().toString(), 0));
      int number = isPoint ? seen.size() + 1 : 0;
      found = new Seen(number, point, performed.offset(), performed.bytes(), hit);
      if (hit) {
        injected.add(found);
      }
      if (isPoint) {
        seen.add(found);
      } else if (!hit) {
        return;
      }
    }
    listener.at(found);
  }

  /** The points so far, in order. */
  synchronized List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** Where something was injected. */
  synchronized List<Seen> injected() {
    return List.copyOf(injected);
  }

  /** How often each operation was done, points or not. */
  synchronized SortedMap<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  /** Ends the watch. */
  @Override
  public void close() {
    registration.close();
  }
}
