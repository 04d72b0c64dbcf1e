package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The requests that wait at breakpoints, and the threads that wait for requests to wait. Guarded by
 * the engine's lock.
 */
final class SuspensionList {
  /** Longest first. */
  private final List<Suspension> suspensions = new ArrayList<>();

  private final Set<Thread> watchers = new LinkedHashSet<>();

  void add(Suspension suspension) {
    suspensions.add(suspension);
  }

  /**
   * Makes stops visible. Returns those that were cancelled meanwhile: the caller has to resume
   * them.
   */
  List<Suspension> observersKnow(List<Suspension> stops) {
    List<Suspension> cancelled = new ArrayList<>();
    for (Suspension stop : stops) {
      if (stop.phase == Suspension.Phase.CANCELLED) {
        suspensions.remove(stop);
        cancelled.add(stop);
      } else {
        stop.phase = Suspension.Phase.WAITING;
      }
    }
    return cancelled;
  }

  /** Forgets stops that will not come about. */
  void forget(List<Suspension> stops) {
    suspensions.removeAll(stops);
  }

  /** Takes out the latest visible stop with the tag. */
  Optional<Suspension> takeLatest(String tag) {
    for (int i = suspensions.size() - 1; i >= 0; i--) {
      Suspension stop = suspensions.get(i);
      if (stop.phase == Suspension.Phase.WAITING && stop.hasTag(tag)) {
        suspensions.remove(i);
        return Optional.of(stop);
      }
    }
    return Optional.empty();
  }

  /**
   * Takes out all visible stops with the tag, the latest first, and cancels those not yet visible.
   */
  List<Suspension> takeAll(String tag) {
    return takeAll(stop -> stop.hasTag(tag));
  }

  /** The same with all tags. */
  List<Suspension> takeAll() {
    return takeAll(stop -> true);
  }

  private List<Suspension> takeAll(Predicate<Suspension> wanted) {
    List<Suspension> taken = new ArrayList<>();
    for (int i = suspensions.size() - 1; i >= 0; i--) {
      Suspension stop = suspensions.get(i);
      if (!wanted.test(stop)) {
        continue;
      }
      if (stop.phase == Suspension.Phase.WAITING) {
        taken.add(suspensions.remove(i));
      } else {
        stop.phase = Suspension.Phase.CANCELLED;
      }
    }
    return taken;
  }

  boolean isSuspended(String tag) {
    for (Suspension stop : suspensions) {
      if (stop.phase == Suspension.Phase.WAITING && stop.hasTag(tag)) {
        return true;
      }
    }
    return false;
  }

  List<SuspendedRequest> list() {
    List<SuspendedRequest> requests = new ArrayList<>();
    for (Suspension stop : suspensions) {
      if (stop.phase == Suspension.Phase.WAITING) {
        requests.add(stop.request);
      }
    }
    return requests;
  }

  /** Says whether the thread was not watching yet. */
  boolean watch(Thread thread) {
    return watchers.add(thread);
  }

  void unwatch(Thread thread) {
    watchers.remove(thread);
  }

  /** Whom to signal when stops became visible. */
  List<Thread> watchers() {
    return List.copyOf(watchers);
  }
}
