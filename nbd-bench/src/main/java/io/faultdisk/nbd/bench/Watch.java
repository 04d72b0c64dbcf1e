package io.faultdisk.nbd.bench;

import io.faultdisk.base.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Waits for the connections of a load to end, all the while looking whether replies still come, and
 * reads off the server's processor time when the measured part begins and when it ends.
 *
 * <p>For the thread that started the load.
 */
final class Watch {
  /** How often it looks. */
  private static final long LOOK_NANOS = 200_000_000;

  private final LoadPlan plan;
  private final Window window;
  private final Clock clock;
  private final List<LoadConnection> connections;
  private final List<Thread> threads;
  private final long[] seen;
  private final long[] seenNanos;
  private Optional<Duration> cpuBefore = Optional.empty();
  private Optional<Duration> cpuAfter = Optional.empty();

  Watch(
      LoadPlan plan,
      Window window,
      Clock clock,
      List<LoadConnection> connections,
      List<Thread> threads) {
    this.plan = plan;
    this.window = window;
    this.clock = clock;
    this.connections = connections;
    this.threads = threads;
    seen = new long[threads.size()];
    seenNanos = new long[threads.size()];
  }

  /**
   * Returns when all have ended well.
   *
   * @throws IOException if one has ended too early, or gets no replies any more
   */
  void untilAllHaveEnded() throws IOException {
    Arrays.fill(seenNanos, clock.nanoTime());
    int next = 0;
    while (next < threads.size()) {
      long now = clock.nanoTime();
      readCpu(now);
      if (ended(threads.get(next), Math.min(LOOK_NANOS, untilNextMark(now)))) {
        next++;
      }
      for (int i = 0; i < threads.size(); i++) {
        look(i, now);
      }
    }
    // By number of requests, it can be over before the time is.
    readCpu(Math.max(clock.nanoTime(), window.until()));
  }

  private static boolean ended(Thread thread, long nanos) throws LostConnectionException {
    try {
      return thread.join(Duration.ofNanos(nanos));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new LostConnectionException("interrupted");
    }
  }

  private long untilNextMark(long now) {
    long mark = now < window.from() ? window.from() : window.until();
    return Math.max(1, mark - now);
  }

  private void readCpu(long now) {
    if (cpuBefore.isEmpty() && now >= window.from()) {
      cpuBefore = cpu();
    } else if (cpuAfter.isEmpty() && now >= window.until()) {
      cpuAfter = cpu();
    }
  }

  private Optional<Duration> cpu() {
    return plan.server().flatMap(process -> process.info().totalCpuDuration());
  }

  private void look(int i, long now) throws IOException {
    long progress = connections.get(i).progress();
    if (!threads.get(i).isAlive()) {
      if (connections.get(i).failure().isPresent()) {
        throw connections.get(i).failure().get();
      }
    } else if (progress != seen[i]) {
      seen[i] = progress;
      seenNanos[i] = now;
    } else if (now - seenNanos[i] > plan.patienceNanos()) {
      throw new LostConnectionException(
          "no reply came for " + plan.patienceNanos() / 1_000_000 + " ms");
    }
  }

  /** What the server spent between the two moments. */
  Optional<Duration> serverCpu() {
    return cpuBefore.flatMap(before -> cpuAfter.map(after -> after.minus(before)));
  }
}
