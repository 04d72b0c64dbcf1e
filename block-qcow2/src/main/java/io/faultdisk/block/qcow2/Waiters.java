package io.faultdisk.block.qcow2;

import io.faultdisk.base.TurnLock;
import io.faultdisk.base.Turns;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Requests that wait until something has changed, first come, first served. All methods are called
 * by holders of the same {@link TurnLock}, which a waiter gives up meanwhile.
 */
final class Waiters {
  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    volatile boolean released;
  }

  private final Deque<Waiter> queue = new ArrayDeque<>(1);

  /** Returns after a wake-up, holding the lock again. What is waited for may have gone again. */
  void await(Turns turns, TurnLock lock) {
    Waiter waiter = new Waiter();
    queue.add(waiter);
    lock.unlock();
    turns.await(() -> waiter.released);
    lock.lock();
  }

  /** Wakes whoever waits longest. */
  void wakeOne(Turns turns) {
    Waiter waiter = queue.poll();
    if (waiter != null) {
      waiter.released = true;
      turns.signal(waiter.thread);
    }
  }

  /** Wakes all, in the order they came. */
  void wakeAll(Turns turns) {
    while (!queue.isEmpty()) {
      wakeOne(turns);
    }
  }
}
