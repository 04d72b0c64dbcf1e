package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the requests that one user of an image has in flight, and can keep new ones out: while the
 * image is reopened, and for good once it is closed.
 *
 * <p>Any thread. Entering and leaving is one atomic update each as long as the gate is open.
 */
final class RequestGate {
  private static final long SHUT = 1L << 62;
  private static final long CLOSED = 1L << 61;
  private static final long COUNT = CLOSED - 1;

  private final Turns turns;

  /** How many are inside, and the two flags above. */
  private final AtomicLong state = new AtomicLong();

  /** Threads that wait for the gate to open, or for the last request to leave. */
  private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

  RequestGate(Turns turns) {
    this.turns = turns;
  }

  /**
   * A request begins; {@link #leave} ends it. Waits while the gate is shut.
   *
   * @throws BlockIoException with ENOMEDIUM once it is closed
   */
  void enter() throws BlockIoException {
    while (true) {
      long now = state.get();
      if ((now & CLOSED) != 0) {
        throw new BlockIoException(Errno.ENOMEDIUM);
      }
      if ((now & SHUT) != 0) {
        await(SHUT);
      } else if (state.compareAndSet(now, now + 1)) {
        return;
      }
    }
  }

  /** A request has ended. */
  void leave() {
    long now = state.decrementAndGet();
    if ((now & (SHUT | CLOSED)) != 0 && (now & COUNT) == 0) {
      wake();
    }
  }

  /** Keeps new requests waiting and returns when those inside have left. */
  void shut() {
    state.updateAndGet(now -> now | SHUT);
    await(COUNT);
  }

  /** Lets requests in again. */
  void open() {
    state.updateAndGet(now -> now & ~SHUT);
    wake();
  }

  /**
   * Refuses requests from now on and returns when those inside have left; false if it was closed
   * before.
   */
  boolean close() {
    boolean first = (state.getAndUpdate(now -> now | CLOSED) & CLOSED) == 0;
    wake();
    await(COUNT);
    return first;
  }

  boolean isClosed() {
    return (state.get() & CLOSED) != 0;
  }

  /**
   * Waits until none of the bits is set any more, or the gate is closed and they are not counts.
   */
  private void await(long bits) {
    if ((state.get() & bits) == 0) {
      return;
    }
    Thread self = Thread.currentThread();
    waiting.add(self);
    try {
      turns.await(() -> (state.get() & bits) == 0 || (bits == SHUT && isClosed()));
    } finally {
      waiting.remove(self);
    }
  }

  private void wake() {
    waiting.forEach(turns::signal);
  }
}
