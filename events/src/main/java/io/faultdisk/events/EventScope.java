package io.faultdisk.events;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * For as long as it is open, the thread that opened it is listened to, and the threads that it
 * starts meanwhile. So tests that run side by side do not disturb each other.
 *
 * <p>A thread of a pool belongs to whoever made the pool start it: hand it tasks through {@link
 * #carry(Runnable)}. Scopes nest; the inner one hides the outer. Opened and closed by the same
 * thread.
 */
public final class EventScope implements AutoCloseable {
  /**
   * How many scopes are open in the whole program: while none is, nobody has to look whom the
   * thread belongs to. Says nothing about whose they are.
   */
  private static final AtomicInteger OPEN = new AtomicInteger();

  private static final InheritableThreadLocal<@Nullable EventScope> CURRENT =
      new InheritableThreadLocal<>();

  private final FaultEvents listener;
  private final @Nullable EventScope outer;
  private final Thread owner;

  /** A thread that inherited the scope may outlive it: then nobody listens any more. */
  private volatile boolean open = true;

  private EventScope(FaultEvents listener, @Nullable EventScope outer) {
    this.listener = listener;
    this.outer = outer;
    this.owner = Thread.currentThread();
  }

  /** From now on the listener is told of this thread's events. */
  public static EventScope open(FaultEvents listener) {
    EventScope scope = new EventScope(listener, CURRENT.get());
    CURRENT.set(scope);
    OPEN.incrementAndGet();
    return scope;
  }

  /** A task that belongs to the calling thread's scope, whoever runs it. */
  public static Runnable carry(Runnable task) {
    FaultEvents listener = listener();
    return () -> {
      EventScope scope = open(listener);
      try {
        task.run();
      } finally {
        scope.close();
      }
    };
  }

  /** A task that belongs to the calling thread's scope, whoever runs it. */
  public static <T> Callable<T> carry(Callable<T> task) {
    FaultEvents listener = listener();
    return () -> {
      EventScope scope = open(listener);
      try {
        return task.call();
      } finally {
        scope.close();
      }
    };
  }

  static boolean anyOpen() {
    return OPEN.get() != 0;
  }

  /** Who listens to the calling thread. */
  static FaultEvents listener() {
    EventScope scope = CURRENT.get();
    while (scope != null && !scope.open) {
      scope = scope.outer;
    }
    return scope == null ? FaultEvents.none() : scope.listener;
  }

  /**
   * Ends it; closing again does nothing.
   *
   * @throws IllegalStateException if another thread opened it, or an inner scope is still open
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (Thread.currentThread() != owner || CURRENT.get() != this) {
      throw new IllegalStateException(
          "an event scope is closed by the thread that opened it, inner ones first");
    }
    open = false;
    OPEN.decrementAndGet();
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
  }
}
