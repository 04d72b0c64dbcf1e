package io.faultdisk.posix;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * A few idle native buffers, kept for reuse.
 *
 * <p>A request may run on a virtual thread of its own, where a thread-local would be made and
 * thrown away each time. Safe from any thread and never waits: when no idle instance is near, take
 * makes one; when there is no free slot near, giveBack lets the instance become garbage.
 */
final class Pool<T> {
  /** Slots looked at before giving up: enough to be lucky, few enough to be quick. */
  private static final int TRIES = 4;

  private final List<AtomicReference<T>> slots;
  private final Supplier<T> maker;

  /**
   * @param size most idle instances kept, a power of two
   */
  Pool(int size, Supplier<T> maker) {
    this.maker = maker;
    slots = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      slots.add(new AtomicReference<>());
    }
  }

  /** An instance that belongs to the caller until it is given back. */
  T take() {
    int home = home();
    for (int i = 0; i < TRIES; i++) {
      T idle = slots.get((home + i) & (slots.size() - 1)).getAndSet(null);
      if (idle != null) {
        return idle;
      }
    }
    return maker.get();
  }

  void giveBack(T instance) {
    int home = home();
    for (int i = 0; i < TRIES; i++) {
      if (slots.get((home + i) & (slots.size() - 1)).compareAndSet(null, instance)) {
        return;
      }
    }
  }

  /** Threads start at different slots, so that they rarely meet. */
  private int home() {
    return (int) Thread.currentThread().threadId();
  }
}
