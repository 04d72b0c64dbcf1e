package io.faultdisk.base;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A lock that may be held while its owner waits for a device or stands at a breakpoint: whoever
 * waits for it does so through {@link Turns}. First come, first served; not reentrant.
 *
 * <p>Any thread; unlocked by the thread that locked it.
 */
public final class TurnLock {
  private final Turns turns;
  private final Deque<Waiter> queue = new ArrayDeque<>();
  private volatile @Nullable Thread owner;

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    volatile boolean granted;
  }

  /** An open lock. */
  public TurnLock(Turns turns) {
    this.turns = turns;
  }

  /** Returns when the caller holds the lock. */
  public void lock() {
    Waiter waiter;
    synchronized (this) {
      Thread self = Thread.currentThread();
      if (owner == self) {
        throw new IllegalStateException("locked twice by " + self);
      }
      if (owner == null) {
        owner = self;
        return;
      }
      waiter = new Waiter();
      queue.add(waiter);
    }
    turns.await(() -> waiter.granted);
  }

  /** Hands the lock to whoever waits longest. */
  public void unlock() {
    Waiter next;
    synchronized (this) {
      requireHeld();
      next = queue.poll();
      owner = next == null ? null : next.thread;
    }
    if (next != null) {
      next.granted = true;
      turns.signal(next.thread);
    }
  }

  /** Whether nobody holds it at the moment; any thread, without waiting. */
  public boolean isFree() {
    return owner == null;
  }

  /** Whether the calling thread holds it. */
  public synchronized boolean isHeld() {
    return owner == Thread.currentThread();
  }

  /** Fails if the calling thread does not hold it. */
  private void requireHeld() {
    if (owner != Thread.currentThread()) {
      throw new IllegalStateException("not locked by " + Thread.currentThread());
    }
  }
}
