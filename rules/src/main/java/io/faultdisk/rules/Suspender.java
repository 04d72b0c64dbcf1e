package io.faultdisk.rules;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets requests wait until somebody resumes their tags: at breakpoints, and for rules that say
 * {@code suspend}.
 *
 * <p>Thread rule: safe from any thread. Shares the engine's lock, and holds it for moments only,
 * never while a request waits or an observer is called; {@link #stop} and {@link #list} are called
 * under it, all others without it.
 */
final class Suspender {
  private final ReentrantLock lock;
  private final Turns turns;
  private final Clock clock;
  private final Observers observers;

  /** Guarded by the lock. */
  private final SuspensionList suspended = new SuspensionList();

  /** Whether nothing waits any more. Guarded by the lock. */
  private boolean ended;

  Suspender(ReentrantLock lock, Turns turns, Clock clock, Observers observers) {
    this.lock = lock;
    this.turns = turns;
    this.clock = clock;
    this.observers = observers;
  }

  /**
   * Under the lock: a stop of the calling thread for each breakpoint, to be waited for; none after
   * the {@linkplain #end end}.
   */
  List<Suspension> stop(List<Breakpoint> hit, Optional<Request> request) {
    if (ended) {
      return List.of();
    }
    Suspension.Stops together = new Suspension.Stops(hit.size());
    List<Suspension> stops = new ArrayList<>(hit.size());
    for (Breakpoint breakpoint : hit) {
      Suspension stop =
          new Suspension(
              new SuspendedRequest(breakpoint.tag(), breakpoint.event(), request, clock.now()),
              together);
      suspended.add(stop);
      stops.add(stop);
    }
    return stops;
  }

  /** Under the lock: those who wait, longest first. */
  List<SuspendedRequest> list() {
    return suspended.list();
  }

  /** The calling thread's request waits, as at a breakpoint on the event. */
  void suspend(String tag, Event event, Request request) {
    List<Suspension> stops;
    lock.lock();
    try {
      stops = stop(List.of(new Breakpoint(event, tag, Source.program())), Optional.of(request));
    } finally {
      lock.unlock();
    }
    if (!stops.isEmpty()) {
      waitFor(stops);
    }
  }

  /** Tells the observers, makes the stops visible and waits until all are over. */
  void waitFor(List<Suspension> stops) {
    boolean told = false;
    try {
      for (Suspension stop : stops) {
        observers.tellChange(new Observation.RequestSuspended(stop.request));
      }
      told = true;
    } finally {
      if (!told) {
        // An observer threw and the request goes down with it: nobody shall wait for it.
        forget(stops);
      }
    }

    List<Suspension> cancelled;
    List<Thread> watchers;
    lock.lock();
    try {
      cancelled = suspended.observersKnow(stops);
      watchers = suspended.watchers();
    } finally {
      lock.unlock();
    }
    watchers.forEach(turns::signal);
    release(cancelled);
    Suspension.Stops together = stops.get(0).stops;
    boolean over = false;
    try {
      over = turns.await(together::isOver, Long.MAX_VALUE);
    } finally {
      if (!over) {
        // Whoever gives out the turns gave this request up, or does not let it wait any longer.
        forget(stops);
      }
    }
  }

  private void forget(List<Suspension> stops) {
    lock.lock();
    try {
      suspended.forget(stops);
    } finally {
      lock.unlock();
    }
  }

  /** Resumes the latest stop with the tag; says whether there was one. */
  boolean resume(String tag) {
    Optional<Suspension> stop;
    lock.lock();
    try {
      stop = suspended.takeLatest(tag);
    } finally {
      lock.unlock();
    }
    release(stop.stream().toList());
    return stop.isPresent();
  }

  /** Under the lock: takes out all stops with the tag. The caller has to release them. */
  List<Suspension> takeAll(String tag) {
    return suspended.takeAll(tag);
  }

  /** Under the lock: there are no stops from now on. */
  void end() {
    ended = true;
  }

  /** Under the lock: takes out all stops. The caller has to release them. */
  List<Suspension> takeAll() {
    return suspended.takeAll();
  }

  /** Ends stops that are no longer on the list. */
  void release(List<Suspension> stops) {
    for (Suspension stop : stops) {
      try {
        observers.tellChange(new Observation.RequestResumed(stop.request));
      } finally {
        stop.stops.resumed();
        turns.signal(stop.stops.thread);
      }
    }
  }

  boolean isSuspended(String tag) {
    lock.lock();
    try {
      return suspended.isSuspended(tag);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until {@link #isSuspended} holds, and says whether it does. */
  boolean await(String tag, long nanosMax) {
    Thread thread = Thread.currentThread();
    boolean watching = watch(thread);
    try {
      return turns.await(() -> isSuspended(tag), nanosMax);
    } finally {
      if (watching) {
        lock.lock();
        try {
          suspended.unwatch(thread);
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private boolean watch(Thread thread) {
    lock.lock();
    try {
      return suspended.watch(thread);
    } finally {
      lock.unlock();
    }
  }
}
