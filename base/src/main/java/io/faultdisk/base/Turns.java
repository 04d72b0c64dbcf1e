package io.faultdisk.base;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Decides which of several requests may run: the seam between code that waits and whoever schedules
 * it.
 *
 * <p>A server lets every request run freely ({@link #free()}). A command line tool wants the order
 * of an event loop, where one request runs until it waits and then the next, so that its output
 * repeats; it brings its own implementation. Code that waits calls these methods instead of parking
 * by itself.
 *
 * <p>Thread rule: {@link #pass()}, {@link #sleep} and {@link #await} are called by the thread that
 * waits, {@link #signal} by any thread. None may be called while holding a lock.
 */
public interface Turns {

  /**
   * Called where a request waits for its device: others may run now. Returns when it is our turn
   * again.
   */
  void pass();

  /**
   * Parks the calling thread until the condition holds.
   *
   * <p>The condition is checked before parking and again after every {@link #signal} for this
   * thread; it must be cheap, and what makes it true must happen before the signal. Not
   * interruptible: an interrupt is kept for later.
   */
  void await(BooleanSupplier released);

  /**
   * The same, but not much longer than so many nanoseconds; {@link Long#MAX_VALUE} is without
   * limit. Where others take turns the limit is not looked at.
   *
   * @return whether the condition holds; false if it was given up before
   */
  default boolean await(BooleanSupplier released, long nanosMax) {
    await(released);
    return true;
  }

  /**
   * The same where what is waited for comes from outside, such as a reply over a network: it is
   * signalled by a thread that serves no request, at any time.
   */
  default void awaitOutside(BooleanSupplier released) {
    await(released);
  }

  /**
   * Lets time pass: returns after so many nanoseconds, or not much later. Others go on meanwhile.
   */
  default void sleep(long nanos) {
    boolean unused = free().await(() -> false, nanos);
  }

  /** Lets a thread that is, or soon will be, in {@link #await} look at its condition again. */
  void signal(Thread waiter);

  /**
   * Starts a part of the caller's request that goes on beside it. With an event loop the part runs
   * at once, until it first waits, and then the caller goes on; otherwise both run.
   *
   * <p>The caller finds out about the end by itself (the part signals it); what the part throws is
   * lost, so it must not throw.
   */
  void start(Runnable part);

  /**
   * Everybody runs when they like: passing does nothing, waiting parks the thread. Parts get
   * platform threads.
   */
  static Turns free() {
    return FreeTurns.PLATFORM;
  }

  /** The same with threads of the caller's choice for the parts, such as virtual ones. */
  static Turns free(ThreadFactory threads) {
    return new FreeTurns(threads);
  }

  /** See {@link #free()}. */
  final class FreeTurns implements Turns {
    private static final Turns PLATFORM =
        new FreeTurns(
            part -> {
              Thread thread = new Thread(part, "part of " + Thread.currentThread().getName());
              thread.setDaemon(true);
              return thread;
            });

    /** Looks at the condition that are worth it before a thread parks: about a microsecond. */
    private static final int SPINS = 50;

    private final ThreadFactory threads;

    private FreeTurns(ThreadFactory threads) {
      this.threads = threads;
    }

    @Override
    public void pass() {}

    @Override
    public void await(BooleanSupplier released) {
      await(released, Long.MAX_VALUE);
    }

    @Override
    public boolean await(BooleanSupplier released, long nanosMax) {
      for (int i = 0; i < SPINS; i++) {
        if (released.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
      boolean limited = nanosMax != Long.MAX_VALUE;
      long start = limited ? System.nanoTime() : 0;
      boolean interrupted = false;
      boolean holds = released.getAsBoolean();
      while (!holds) {
        if (limited) {
          long left = nanosMax - (System.nanoTime() - start);
          if (left <= 0) {
            break;
          }
          LockSupport.parkNanos(this, left);
        } else {
          LockSupport.park(this);
        }
        // A pending interrupt would make park() return at once, forever.
        interrupted |= Thread.interrupted();
        holds = released.getAsBoolean();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return holds;
    }

    @Override
    public void signal(Thread waiter) {
      LockSupport.unpark(waiter);
    }

    @Override
    public void start(Runnable part) {
      threads.newThread(part).start();
    }
  }
}
