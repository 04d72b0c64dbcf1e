package io.faultdisk.cli.img;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;

/**
 * Slows writes down to so many bytes in a second; without a limit it does nothing. Any thread.
 *
 * <p>A write may begin when those before it have had their time.
 */
final class Pace {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long bytesPerSecond;
  private final Clock clock;
  private final Sleeper sleeper;
  private long freeAtNanos;

  /**
   * A pace.
   *
   * @param bytesPerSecond 0 for no limit
   */
  Pace(long bytesPerSecond, Clock clock, Sleeper sleeper) {
    this.bytesPerSecond = bytesPerSecond;
    this.clock = clock;
    this.sleeper = sleeper;
    this.freeAtNanos = clock.nanoTime();
  }

  /** Returns when a write of so many bytes may begin. */
  void before(long bytes) {
    if (bytesPerSecond == 0) {
      return;
    }
    long wait;
    synchronized (this) {
      long now = clock.nanoTime();
      wait = Math.max(0, freeAtNanos - now);
      freeAtNanos = now + wait + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
    }
    try {
      sleeper.sleepNanos(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // go on without waiting
    }
  }
}
