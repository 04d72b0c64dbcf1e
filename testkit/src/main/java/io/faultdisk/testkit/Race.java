package io.faultdisk.testkit;

import io.faultdisk.base.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads that start at one moment, for tests of things that are shared.
 *
 * <pre>{@code
 * new Race(Duration.ofSeconds(10)).threads(4, i -> { ... }).run();
 * }</pre>
 *
 * <p>For one thread.
 */
public final class Race {
  private final Duration deadline;
  private final CountDownLatch start = new CountDownLatch(1);
  private final List<FutureTask<Void>> tasks = new ArrayList<>();

  /** What a runner does. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Runs.
     *
     * @param number of the runner among those added together, from 0
     */
    void run(int number) throws Exception;
  }

  /**
   * Creates a race without runners.
   *
   * @param deadline how long all may take together; a test that hangs must fail
   */
  public Race(Duration deadline) {
    this.deadline = deadline;
  }

  /** Adds runners that do the same. */
  public Race threads(int count, Runner runner) {
    for (int i = 0; i < count; i++) {
      int number = i;
      tasks.add(
          new FutureTask<>(
              () -> {
                start.await();
                runner.run(number);
                return null;
              }));
    }
    return this;
  }

  /**
   * Starts all and waits for all.
   *
   * @throws AssertionError if one failed, or is not done at the deadline
   */
  public void run() throws InterruptedException {
    for (FutureTask<Void> task : tasks) {
      Thread thread = new Thread(task, "race");
      thread.setDaemon(true);
      thread.start();
    }
    start.countDown();
    long end = Clock.system().nanoTime() + deadline.toNanos();
    for (FutureTask<Void> task : tasks) {
      try {
        task.get(Math.max(0, end - Clock.system().nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError("a runner failed: " + e.getCause(), e.getCause());
      } catch (TimeoutException e) {
        throw new AssertionError("not done within " + deadline, e);
      }
    }
  }
}
