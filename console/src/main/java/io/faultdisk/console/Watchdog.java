package io.faultdisk.console;

import io.faultdisk.base.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends what takes too long. A thread that writes to a client who does not read would be stuck for
 * good; interrupting it closes the connection. Any thread.
 */
final class Watchdog {
  private final Clock clock;
  private final Map<Thread, Long> deadlines = new ConcurrentHashMap<>();

  Watchdog(Clock clock) {
    this.clock = clock;
  }

  /** Something that is ended. */
  interface Watched extends AutoCloseable {
    /** It is done. */
    @Override
    void close();
  }

  /** The calling thread is done within that time, or interrupted. One at a time for a thread. */
  Watched watch(long nanosMax) {
    Thread thread = Thread.currentThread();
    deadlines.put(thread, clock.nanoTime() + nanosMax);
    return () -> deadlines.remove(thread);
  }

  /** Interrupts those who are late; to be called now and then. */
  void look() {
    long now = clock.nanoTime();
    deadlines.forEach(
        (thread, deadline) -> {
          if (now - deadline > 0 && deadlines.remove(thread, deadline)) {
            thread.interrupt();
          }
        });
  }
}
