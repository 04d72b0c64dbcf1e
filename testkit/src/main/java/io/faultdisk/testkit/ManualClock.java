package io.faultdisk.testkit;

import io.faultdisk.base.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is moved. Safe from any thread. */
public final class ManualClock implements Clock {
  private final Instant start;
  private final AtomicLong nanos = new AtomicLong();

  /** A clock that stands at the beginning of 2000. */
  public ManualClock() {
    this(Instant.parse("2000-01-01T00:00:00Z"));
  }

  /** A clock that stands at a time of day; {@link #nanoTime()} is 0 there. */
  public ManualClock(Instant start) {
    this.start = start;
  }

  /** Moves it forward. */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("time does not run backwards: " + duration);
    }
    nanos.addAndGet(duration.toNanos());
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant now() {
    return start.plusNanos(nanos.get());
  }
}
