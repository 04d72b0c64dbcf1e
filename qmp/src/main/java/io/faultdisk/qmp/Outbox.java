package io.faultdisk.qmp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What one client is still to be sent. A thread of its own sends, so that nobody who announces an
 * event waits for a client.
 *
 * <p>Bounded: at the bound a reply waits, which holds up only the client that asked, and an event
 * ends the conversation: a client that wants events has to read them. Any thread.
 */
final class Outbox implements AutoCloseable {
  /** Of text that waits; a single one may be larger. */
  private static final long BYTES_MAX = 16 << 20;

  /** How long closing waits for a client to read what there is. */
  private static final long DRAIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

  private final OutputStream out;
  private final Runnable broken;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean sending;
  private boolean closing;
  private boolean closed;

  /**
   * An empty one.
   *
   * @param broken told once, on any thread, if nothing more can be sent
   */
  Outbox(OutputStream out, Runnable broken) {
    this.out = out;
    this.broken = broken;
  }

  /** Starts sending. */
  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::send);
  }

  /** Sends a reply, or drops it when there is nobody to get it. */
  void reply(byte[] text) {
    lock.lock();
    try {
      while (bytes > 0 && bytes + text.length > BYTES_MAX && !closed) {
        changed.awaitUninterruptibly();
      }
      put(text);
    } finally {
      lock.unlock();
    }
  }

  /** Sends an event; never waits. */
  void event(byte[] text) {
    boolean full = false;
    lock.lock();
    try {
      if (bytes > 0 && bytes + text.length > BYTES_MAX) {
        full = !closed;
        end();
      } else {
        put(text);
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      broken.run();
    }
  }

  private void put(byte[] text) {
    if (!closed && !closing) {
      waiting.add(text);
      bytes += text.length;
      changed.signalAll();
    }
  }

  private void end() {
    closed = true;
    waiting.clear();
    bytes = 0;
    changed.signalAll();
  }

  private void send() {
    try {
      while (true) {
        byte[] next = take();
        if (next.length == 0) {
          return;
        }
        out.write(next);
        out.flush();
        sent(next.length);
      }
    } catch (IOException gone) {
      lock.lock();
      try {
        end();
      } finally {
        lock.unlock();
      }
      broken.run();
    } finally {
      lock.lock();
      try {
        sending = false;
        end();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Nothing at the end. */
  private byte[] take() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closing && !closed) {
        changed.awaitUninterruptibly();
      }
      byte[] next = waiting.poll();
      sending = next != null;
      return next == null ? new byte[0] : next;
    } finally {
      lock.unlock();
    }
  }

  private void sent(int count) {
    lock.lock();
    try {
      if (!closed) {
        bytes -= count;
      }
      sending = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends what there is, if the client reads it, and nothing after that. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
      long left = DRAIN_NANOS_MAX;
      while (!closed && (sending || !waiting.isEmpty()) && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    } finally {
      end();
      lock.unlock();
    }
  }
}
