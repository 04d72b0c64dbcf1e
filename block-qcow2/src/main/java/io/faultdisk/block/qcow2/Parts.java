package io.faultdisk.block.qcow2;

import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one guest request: a request that is cut into several runs up to 8 of them side by
 * side, a request in one piece runs it by itself.
 *
 * <p>Used by the thread of the request; the parts report from theirs.
 */
final class Parts {
  private static final int RUNNING_MAX = 8;

  /** What one part does. */
  interface Part {
    void run() throws BlockIoException;
  }

  private final Turns turns;
  private final Thread owner = Thread.currentThread();
  private boolean cut;
  private int running;
  private boolean waiting;
  private @Nullable BlockIoException failure;
  private @Nullable Throwable breakdown;

  Parts(Turns turns) {
    this.turns = turns;
  }

  /**
   * Runs a part, here and now if it is the only one, beside the caller otherwise.
   *
   * @param isRest whether it covers all of the request that is left
   */
  void run(boolean isRest, Part part) throws BlockIoException {
    if (!cut && isRest) {
      part.run();
      return;
    }
    cut = true;
    waitUntilBelow(RUNNING_MAX);
    synchronized (this) {
      running++;
    }
    turns.start(() -> runBeside(part));
  }

  /** Whether a part has failed: no further one need be started. */
  synchronized boolean failed() {
    return failure != null || breakdown != null;
  }

  /** Waits for all parts that run beside. */
  void finish() {
    waitUntilBelow(1);
  }

  /** Fails with what the first failed part failed with. */
  void throwFailure() throws BlockIoException {
    Throwable broken;
    BlockIoException failed;
    synchronized (this) {
      broken = breakdown;
      failed = failure;
    }
    if (broken != null) {
      throw new IllegalStateException("part of a request broke down", broken);
    }
    if (failed != null) {
      throw failed;
    }
  }

  private void runBeside(Part part) {
    try {
      part.run();
      ended(null, null);
    } catch (BlockIoException e) {
      ended(e, null);
    } catch (RuntimeException | Error e) {
      ended(null, e);
    }
  }

  private void ended(@Nullable BlockIoException error, @Nullable Throwable broken) {
    boolean wake;
    synchronized (this) {
      running--;
      failure = failure == null ? error : failure;
      breakdown = breakdown == null ? broken : breakdown;
      wake = waiting;
      waiting = false;
    }
    if (wake) {
      turns.signal(owner);
    }
  }

  private void waitUntilBelow(int limit) {
    while (mustWait(limit)) {
      turns.await(this::isWoken);
    }
  }

  private synchronized boolean mustWait(int limit) {
    waiting = running >= limit;
    return waiting;
  }

  private synchronized boolean isWoken() {
    return !waiting;
  }
}
