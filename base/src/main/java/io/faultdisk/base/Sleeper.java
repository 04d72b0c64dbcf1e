package io.faultdisk.base;

import java.util.concurrent.TimeUnit;

/**
 * How to wait for time to pass. Nothing else in the project sleeps, so tests need not wait.
 *
 * <p>Implementations are safe from any thread.
 */
public interface Sleeper {

  /**
   * Waits.
   *
   * @param nanos how long; 0 and less return at once
   * @throws InterruptedException if the calling thread was interrupted
   */
  void sleepNanos(long nanos) throws InterruptedException;

  /** Really sleeps. */
  static Sleeper system() {
    return TimeUnit.NANOSECONDS::sleep;
  }
}
