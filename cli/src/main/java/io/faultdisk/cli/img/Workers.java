package io.faultdisk.cli.img;

import io.faultdisk.cli.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the same work several times at once: as requests of an event loop, or on threads.
 *
 * <p>Threads are platform threads, since their system calls would block a virtual thread's carrier
 * as well; there are a few, for the whole run.
 */
final class Workers {
  private Workers() {}

  /**
   * Returns when all have returned.
   *
   * @param loop where to run; on threads if absent, of which the caller's is one
   */
  static void run(Optional<Loop> loop, int count, Runnable work) {
    if (loop.isPresent()) {
      for (int i = 0; i < count; i++) {
        loop.get().start(work, () -> {});
      }
      loop.get().drain();
      return;
    }
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Runnable guarded =
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            thrown.compareAndSet(null, e);
          }
        };
    List<Thread> helpers = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      helpers.add(Thread.ofPlatform().daemon().name("worker " + i).start(guarded));
    }
    guarded.run();
    helpers.forEach(Workers::join);
    Throwable failure = thrown.get();
    if (failure != null) {
      throw new IllegalStateException("a worker ended with " + failure, failure);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
