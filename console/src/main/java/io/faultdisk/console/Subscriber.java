package io.faultdisk.console;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One reader of the stream of events, and what it has not read yet, which is bounded: one that is
 * slow misses ticks, and one that reads nothing is cut off, to come back and start anew. Any
 * thread.
 */
final class Subscriber {
  /** Above that it gets no ticks. */
  static final int TICKS_BYTES_MAX = 256 * 1024;

  /** Above that it is cut off. */
  static final int BYTES_MAX = 4 << 20;

  private final Optional<String> disk;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<byte[]> frames = new ArrayDeque<>();
  private int bytes;
  private boolean ended;

  /** Only for the thread that publishes: whether it has been told how things are. */
  boolean greeted;

  /**
   * A reader.
   *
   * @param disk it wants to hear of only that one, if given
   */
  Subscriber(Optional<String> disk) {
    this.disk = disk;
  }

  /** Whether it wants to hear of that disk. */
  boolean wants(String name) {
    return disk.isEmpty() || disk.get().equals(name);
  }

  /** One more event, which must come through: who cannot take it is cut off. */
  void offer(byte[] frame) {
    add(frame, BYTES_MAX, true);
  }

  /** One more event, which may be missed. */
  void offerTick(byte[] frame) {
    add(frame, TICKS_BYTES_MAX, false);
  }

  private void add(byte[] frame, int bytesMax, boolean needed) {
    lock.lock();
    try {
      if (bytes + frame.length <= bytesMax || (needed && frames.isEmpty())) {
        frames.add(frame);
        bytes += frame.length;
        changed.signal();
      } else if (needed) {
        ended = true;
        frames.clear();
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** No more events. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for events and takes them all.
   *
   * @return none if none came in that time; empty if there will be no more
   */
  Optional<List<byte[]>> take(long nanosMax) throws InterruptedException {
    lock.lock();
    try {
      long left = nanosMax;
      while (frames.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (frames.isEmpty() && ended) {
        return Optional.empty();
      }
      List<byte[]> all = new ArrayList<>(frames);
      frames.clear();
      bytes = 0;
      return Optional.of(all);
    } finally {
      lock.unlock();
    }
  }
}
