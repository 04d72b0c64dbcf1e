package io.faultdisk.rules;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One stop of a request at a breakpoint, from being decided to being resumed.
 *
 * <p>Between the two the request's thread tells the observers, without the lock. Until that is done
 * the stop is not yet visible: nobody can resume it, so "suspended" is always observed before
 * "resumed". A {@code remove} that comes meanwhile leaves a mark instead, and the request's own
 * thread resumes.
 *
 * <p>{@link #phase} is guarded by the engine's lock; the rest is safe from any thread.
 */
final class Suspension {
  enum Phase {
    /** Decided; the observers are being told. */
    ANNOUNCED,
    /** As before, and to be resumed as soon as they know. */
    CANCELLED,
    /** Waits to be resumed. */
    WAITING
  }

  /** The stops that one thread has to wait for together. */
  static final class Stops {
    final Thread thread = Thread.currentThread();
    private final AtomicInteger left;

    Stops(int count) {
      this.left = new AtomicInteger(count);
    }

    /** One stop is over. Then signal the thread. */
    void resumed() {
      left.decrementAndGet();
    }

    boolean isOver() {
      return left.get() == 0;
    }
  }

  final SuspendedRequest request;
  final Stops stops;
  Phase phase = Phase.ANNOUNCED;

  Suspension(SuspendedRequest request, Stops stops) {
    this.request = request;
    this.stops = stops;
  }

  boolean hasTag(String tag) {
    return request.tag().equals(tag);
  }
}
