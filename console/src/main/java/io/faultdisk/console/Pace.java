package io.faultdisk.console;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How fast requests are taken, so that those who ask without a pause take nothing from the disks: a
 * request costs as much processor time as some hundred reads. {@value #BURST} can come at once;
 * then there is one every {@value #INTERVAL_MILLIS} ms, and the others wait. Any thread.
 */
final class Pace {
  /** Requests that need not wait, after a time with few. */
  static final int BURST = 500;

  private static final int INTERVAL_MILLIS = 20;
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
  private static final long BURST_NANOS = BURST * INTERVAL_NANOS;

  /** Who would have to wait longer is sent away. */
  private static final long WAIT_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  private final Clock clock;
  private final Sleeper sleeper;
  private final ReentrantLock lock = new ReentrantLock();

  /** When all requests so far would have been taken at an even pace. */
  private long evenly;

  Pace(Clock clock, Sleeper sleeper) {
    this.clock = clock;
    this.sleeper = sleeper;
    this.evenly = clock.nanoTime();
  }

  /**
   * Waits until it is the caller's turn.
   *
   * @throws ApiException if there are too many before
   */
  void await() throws ApiException {
    long wait;
    lock.lock();
    try {
      long now = clock.nanoTime();
      if (evenly - now < 0) {
        evenly = now;
      }
      wait = evenly - now - BURST_NANOS;
      if (wait > WAIT_NANOS_MAX) {
        throw ApiException.of(429, "there are too many requests", "ask again in a few seconds");
      }
      evenly += INTERVAL_NANOS;
    } finally {
      lock.unlock();
    }
    if (wait > 0) {
      try {
        sleeper.sleepNanos(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ApiException.of(503, "the server is ending", "");
      }
    }
  }
}
