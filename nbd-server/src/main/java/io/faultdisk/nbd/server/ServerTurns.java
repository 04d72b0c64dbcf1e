package io.faultdisk.nbd.server;

import io.faultdisk.base.Turns;
import java.util.function.BooleanSupplier;

/**
 * The {@link Turns} for graphs whose images a {@link NbdServer} exports: requests run freely, and a
 * request that waits hands its connection to another thread before it parks.
 *
 * <p>Without it (with {@link Turns#free}) everything works, but a request that is suspended, or
 * waits for another, blocks its connection.
 *
 * <p>Any thread. Has no state: one does for any number of graphs and servers.
 */
public final class ServerTurns implements Turns {
  /** Looks at the condition that are worth it before a thread parks: some microseconds. */
  private static final int SPINS = 200;

  @Override
  public void pass() {}

  @Override
  public void await(BooleanSupplier released) {
    for (int i = 0; i < SPINS; i++) {
      if (released.getAsBoolean()) {
        return;
      }
      Thread.onSpinWait();
    }
    park(() -> Turns.free().await(released));
  }

  @Override
  public boolean await(BooleanSupplier released, long nanosMax) {
    park(
        () -> {
          boolean unused = Turns.free().await(released, nanosMax);
        });
    return released.getAsBoolean();
  }

  @Override
  public void sleep(long nanos) {
    park(() -> Turns.free().sleep(nanos));
  }

  private static void park(Runnable wait) {
    if (Thread.currentThread() instanceof ServerThread self) {
      ServerThread.Task task = self.task();
      task.beforeWait();
      try {
        wait.run();
      } finally {
        task.afterWait();
      }
    } else {
      wait.run();
    }
  }

  @Override
  public void signal(Thread waiter) {
    Turns.free().signal(waiter);
  }

  /**
   * Runs the part at once: a part of a request that is worth a thread of its own here does not
   * exist, and others go on beside it in any case.
   */
  @Override
  public void start(Runnable part) {
    part.run();
  }
}
