package io.faultdisk.block;

import io.faultdisk.base.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests in flight on one node, so that those that must not overlap wait for each other.
 *
 * <p>Most requests may overlap freely. One becomes <em>serialising</em> when it touches more than
 * it was asked to: a read-modify-write of an unaligned write, a copy-on-read, or a growing
 * truncate. Such a request and anything that overlaps its widened range run one after the other.
 *
 * <p>A request that nobody had to wait for is kept and used again: most are of that kind, and so a
 * steady stream of requests allocates nothing here.
 *
 * <p>Any thread. The lock is held for list work only; waiting happens outside it, through {@link
 * Turns}.
 */
final class TrackedRequests {
  private static final int IDLE_MAX = 256;

  private final Turns turns;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger serialisingInFlight = new AtomicInteger();
  private @Nullable Tracked newest;

  /** Ended requests to be used again, linked by {@code older}; at most {@link #IDLE_MAX}. */
  private @Nullable Tracked idle;

  private int idleCount;

  TrackedRequests(Turns turns) {
    this.turns = turns;
  }

  /** One request in flight. */
  static final class Tracked {
    private long offset;
    private long bytes;
    private long overlapOffset;
    private long overlapBytes;
    private boolean serialising;
    private volatile boolean ended;
    private @Nullable Tracked waitingFor;
    private @Nullable List<Thread> waiters;
    private @Nullable Tracked older;
    private @Nullable Tracked newer;

    private Tracked() {}

    private void begin(long from, long length) {
      offset = from;
      bytes = length;
      overlapOffset = from;
      overlapBytes = length;
      serialising = false;
      ended = false;
      newer = null;
    }

    /** Start of the range that nobody else touches, aligned. */
    long overlapOffset() {
      return overlapOffset;
    }

    /** Length of that range in bytes. */
    long overlapBytes() {
      return overlapBytes;
    }

    private boolean overlaps(Tracked other) {
      return other.overlapOffset < overlapOffset + overlapBytes
          && overlapOffset < other.overlapOffset + other.overlapBytes;
    }
  }

  Tracked begin(long offset, long bytes) {
    lock.lock();
    try {
      Tracked request = idle;
      if (request == null) {
        request = new Tracked();
      } else {
        idle = request.older;
        idleCount--;
      }
      request.begin(offset, bytes);
      request.older = newest;
      if (newest != null) {
        newest.newer = request;
      }
      newest = request;
      return request;
    } finally {
      lock.unlock();
    }
  }

  void end(Tracked request) {
    @Nullable List<Thread> waiters;
    lock.lock();
    try {
      Tracked older = request.older;
      Tracked newer = request.newer;
      if (older != null) {
        older.newer = newer;
      }
      if (newer != null) {
        newer.older = older;
      } else {
        newest = older;
      }
      if (request.serialising) {
        serialisingInFlight.decrementAndGet();
      }
      request.ended = true;
      waiters = request.waiters;
      if (waiters == null && idleCount < IDLE_MAX) {
        request.older = idle;
        idle = request;
        idleCount++;
      }
    } finally {
      lock.unlock();
    }
    if (waiters != null) {
      for (Thread waiter : waiters) {
        turns.signal(waiter);
      }
    }
  }

  /**
   * Waits until no serialising request overlaps this one. Costs one volatile read when there is
   * none at all.
   *
   * <p>A request that is serialising itself has waited when it became so, and does not wait again:
   * whoever came later waits for it. Were it to give way to a newcomer now, what it has read for a
   * read-modify-write would be stale.
   */
  void waitForSerialising(Tracked request) {
    if (serialisingInFlight.get() == 0 || request.serialising) {
      return;
    }
    lock.lock();
    try {
      waitLocked(request);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Widens the request to {@code align}, makes it serialising and waits for everything that
   * overlaps.
   */
  void makeSerialising(Tracked request, long align) {
    lock.lock();
    try {
      long start = request.offset & -align;
      long end = (request.offset + request.bytes + align - 1) & -align;
      if (!request.serialising) {
        request.serialising = true;
        serialisingInFlight.incrementAndGet();
      }
      request.overlapOffset = Math.min(request.overlapOffset, start);
      request.overlapBytes = Math.max(request.overlapBytes, end - start);
      // In the same hold of the lock: nobody shall find it serialising but not yet waiting, and
      // wait for it.
      waitLocked(request);
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock held once; gives it up while waiting. */
  private void waitLocked(Tracked request) {
    for (Tracked conflict = findConflict(request);
        conflict != null;
        conflict = findConflict(request)) {
      Tracked until = conflict;
      request.waitingFor = conflict;
      if (conflict.waiters == null) {
        conflict.waiters = new ArrayList<>();
      }
      conflict.waiters.add(Thread.currentThread());
      lock.unlock();
      try {
        turns.await(() -> until.ended);
      } finally {
        lock.lock();
        request.waitingFor = null;
      }
    }
  }

  /** A request to wait for; one that itself waits is skipped, since it may wait for us. */
  private @Nullable Tracked findConflict(Tracked request) {
    for (Tracked other = newest; other != null; other = other.older) {
      if (other != request
          && (other.serialising || request.serialising)
          && other.waitingFor == null
          && other.overlaps(request)) {
        return other;
      }
    }
    return null;
  }
}
