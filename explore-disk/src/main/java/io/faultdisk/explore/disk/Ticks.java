package io.faultdisk.explore.disk;

import java.util.concurrent.atomic.AtomicLong;

/** Puts what happens at several places of one run into one order. Any thread. */
final class Ticks {
  private final AtomicLong last = new AtomicLong();

  long next() {
    return last.incrementAndGet();
  }
}
