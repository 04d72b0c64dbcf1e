package io.faultdisk.block.nbd;

import io.faultdisk.base.Sleeper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Time passes when the test says so. Safe from any thread. */
final class HeldSleeper implements Sleeper {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final List<Nap> naps = new ArrayList<>();

  private record Nap(long seconds, CountDownLatch over) {}

  @Override
  public void sleepNanos(long nanos) throws InterruptedException {
    Nap nap = new Nap(TimeUnit.NANOSECONDS.toSeconds(nanos), new CountDownLatch(1));
    lock.lock();
    try {
      naps.add(nap);
      more.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      nap.over.await();
    } finally {
      lock.lock();
      try {
        naps.remove(nap);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits until somebody sleeps for so long. */
  void awaitNap(long seconds) throws InterruptedException {
    lock.lock();
    try {
      find(seconds);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until somebody sleeps for so long, and wakes them. */
  void wake(long seconds) throws InterruptedException {
    lock.lock();
    try {
      find(seconds).over.countDown();
    } finally {
      lock.unlock();
    }
  }

  private Nap find(long seconds) throws InterruptedException {
    while (true) {
      for (Nap nap : naps) {
        if (nap.seconds == seconds && nap.over.getCount() > 0) {
          return nap;
        }
      }
      more.await();
    }
  }
}
