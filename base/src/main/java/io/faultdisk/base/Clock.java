package io.faultdisk.base;

import java.time.Instant;

/**
 * Where time comes from. Nothing else in the project asks the system for it, so tests can move it
 * by hand.
 *
 * <p>Implementations are safe from any thread.
 */
public interface Clock {

  /** Nanoseconds since some fixed moment; only differences mean something. Never runs backwards. */
  long nanoTime();

  /** The time of day, for people. May jump. */
  Instant now();

  /** The computer's clock. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }

  /** See {@link #system()}. */
  enum SystemClock implements Clock {
    /** Has no state, so one is enough. */
    INSTANCE;

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public Instant now() {
      return Instant.now();
    }
  }
}
