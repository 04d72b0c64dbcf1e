package io.faultdisk.qmp;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Lets so many events of a kind pass in a second, and counts the others. Any thread. */
final class EventRate {
  static final int PER_SECOND = 100;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final ReentrantLock lock = new ReentrantLock();
  private boolean started;
  private long began;
  private int passed;
  private long missed;

  /**
   * One more.
   *
   * @param nanoTime now
   * @return how many were left out since the last one that passed; empty if this one is, too
   */
  OptionalLong next(long nanoTime) {
    lock.lock();
    try {
      if (!started || nanoTime - began >= SECOND) {
        started = true;
        began = nanoTime;
        passed = 0;
      }
      if (passed == PER_SECOND) {
        missed++;
        return OptionalLong.empty();
      }
      passed++;
      long before = missed;
      missed = 0;
      return OptionalLong.of(before);
    } finally {
      lock.unlock();
    }
  }
}
