package io.faultdisk.base;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * News for listeners: told one at a time, in the order in which they came in, and with no lock
 * held.
 *
 * <p>Whoever changes something {@linkplain #add adds} its news while it holds its own lock, so that
 * their order is that of the changes, and {@linkplain #run runs} them once it holds none. If
 * another thread is running news already, that one tells these, too: then {@code run} returns
 * before they are told. So a listener may call anything, and may block nobody but other listeners.
 *
 * <p>Any thread.
 */
public final class Deliveries {
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  /** Nothing to tell yet. */
  public Deliveries() {}

  /** One more to tell; must not be slow. */
  public synchronized void add(Runnable news) {
    waiting.add(news);
  }

  /** Tells all that is waiting, unless another thread, or this one further up, is about it. */
  public void run() {
    boolean first = true;
    for (Runnable news = next(first); news != null; news = next(first)) {
      first = false;
      boolean told = false;
      try {
        news.run();
        told = true;
      } finally {
        if (!told) {
          stop();
        }
      }
    }
  }

  /** Null if there is none, or somebody else is to tell it. */
  private synchronized @Nullable Runnable next(boolean first) {
    if (first && running) {
      return null;
    }
    Runnable news = waiting.poll();
    running = news != null;
    return news;
  }

  private synchronized void stop() {
    running = false;
  }
}
