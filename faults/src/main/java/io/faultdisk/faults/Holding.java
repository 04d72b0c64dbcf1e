package io.faultdisk.faults;

import io.faultdisk.base.Sleeper;
import io.faultdisk.base.Turns;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How threads wait at breakpoints, and for time to pass: each as long as it likes, but a thread
 * that is interrupted is not held, so that a test which stops itself can be ended by its timeout.
 * The interrupt is kept; channels of the JDK act on it.
 */
final class Holding implements Turns {
  private final Turns free = Turns.free();

  @Override
  public void pass() {
    free.pass();
  }

  @Override
  public void await(BooleanSupplier released) {
    await(released, Long.MAX_VALUE);
  }

  /** Without limit, an interrupt ends it; that is how the engine waits at a breakpoint. */
  @Override
  public boolean await(BooleanSupplier released, long nanosMax) {
    if (nanosMax != Long.MAX_VALUE) {
      return free.await(released, nanosMax);
    }
    while (!released.getAsBoolean()) {
      if (Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.park(this);
    }
    return true;
  }

  @Override
  public void sleep(long nanos) {
    try {
      Sleeper.system().sleepNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void signal(Thread waiter) {
    free.signal(waiter);
  }

  @Override
  public void start(Runnable part) {
    free.start(part);
  }
}
