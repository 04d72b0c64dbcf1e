package io.faultdisk.nbd.server;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer of the pool while loops of a connection use it: one at first; after a hand-over both,
 * each its own part. It goes back when the last has let go.
 *
 * <p>Any thread; but only a loop that uses it may share it.
 */
final class SharedBuffer {
  private final BufferPool pool;
  private final ByteBuffer memory;
  private final AtomicInteger users = new AtomicInteger(1);

  /** In use by one loop. */
  SharedBuffer(BufferPool pool, ByteBuffer memory) {
    this.pool = pool;
    this.memory = memory;
  }

  /** One more loop uses it. */
  SharedBuffer share() {
    users.incrementAndGet();
    return this;
  }

  /** The whole memory, with a position and a limit for one user. */
  ByteBuffer view() {
    return memory.duplicate().clear();
  }

  /** Whether there are others, so that what is done with must not be overwritten. */
  boolean isShared() {
    return users.get() > 1;
  }

  /** Does not use it any more. */
  void release() {
    if (users.decrementAndGet() == 0) {
      pool.giveBack(memory);
    }
  }
}
