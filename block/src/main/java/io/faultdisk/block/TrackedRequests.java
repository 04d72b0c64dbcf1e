package io.faultdisk.block;

import io.faultdisk.base.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
 * steady stream of requests allocates nothing here. It also takes no lock that other threads want:
 * each thread has a <em>lane</em> of its own, as long as there are lanes enough, and only who looks
 * for conflicts takes the locks of all lanes.
 *
 * <p>Any thread. Locks are held for list work only; waiting happens outside of them, through {@link
 * Turns}.
 */
final class TrackedRequests {
  /** A power of two. */
  private static final int LANES = 8;

  private static final int IDLE_MAX = 64;

  private final Turns turns;
  private final Lane[] lanes = new Lane[LANES];
  private final AtomicLong begun = new AtomicLong();

  /** Changed with all lanes locked, so that who begins later sees it. */
  private volatile int serialisingInFlight;

  TrackedRequests(Turns turns) {
    this.turns = turns;
    for (int i = 0; i < LANES; i++) {
      lanes[i] = new Lane();
    }
  }

  /** The requests of some threads, and those to be used again. */
  private static final class Lane {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Tracked newest;

    /** Ended requests to be used again, linked by {@code older}; at most {@link #IDLE_MAX}. */
    private @Nullable Tracked idle;

    private int idleCount;

    private Tracked take() {
      Tracked request = idle;
      if (request == null) {
        return new Tracked(this);
      }
      idle = request.older;
      idleCount--;
      return request;
    }

    private void keep(Tracked request) {
      if (idleCount < IDLE_MAX) {
        request.older = idle;
        idle = request;
        idleCount++;
      }
    }

    private void add(Tracked request) {
      request.older = newest;
      if (newest != null) {
        newest.newer = request;
      }
      newest = request;
    }

    private void remove(Tracked request) {
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
    }
  }

  /** One request in flight. */
  static final class Tracked {
    private final Lane lane;
    private long sequence;
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

    private Tracked(Lane lane) {
      this.lane = lane;
    }

    private void begin(long number, long from, long length) {
      sequence = number;
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
    Lane lane = lanes[(int) Thread.currentThread().threadId() & (LANES - 1)];
    lane.lock.lock();
    try {
      Tracked request = lane.take();
      request.begin(begun.getAndIncrement(), offset, bytes);
      lane.add(request);
      return request;
    } finally {
      lane.lock.unlock();
    }
  }

  void end(Tracked request) {
    if (request.serialising) {
      endSerialising(request);
    }
    Lane lane = request.lane;
    @Nullable List<Thread> waiters;
    lane.lock.lock();
    try {
      lane.remove(request);
      request.ended = true;
      waiters = request.waiters;
      if (waiters == null) {
        lane.keep(request);
      }
    } finally {
      lane.lock.unlock();
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
    if (serialisingInFlight == 0 || request.serialising) {
      return;
    }
    lockAll();
    try {
      waitLocked(request);
    } finally {
      unlockAll();
    }
  }

  /**
   * Widens the request to {@code align}, makes it serialising and waits for everything that
   * overlaps.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // all lanes are locked
  void makeSerialising(Tracked request, long align) {
    lockAll();
    try {
      long start = request.offset & -align;
      long end = (request.offset + request.bytes + align - 1) & -align;
      if (!request.serialising) {
        request.serialising = true;
        serialisingInFlight++;
      }
      request.overlapOffset = Math.min(request.overlapOffset, start);
      request.overlapBytes = Math.max(request.overlapBytes, end - start);
      // In the same hold of the lock: nobody shall find it serialising but not yet waiting, and
      // wait for it.
      waitLocked(request);
    } finally {
      unlockAll();
    }
  }

  /** It does not count any more; nobody who has not found it before waits for it. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // all lanes are locked
  private void endSerialising(Tracked request) {
    lockAll();
    try {
      request.serialising = false;
      serialisingInFlight--;
    } finally {
      unlockAll();
    }
  }

  private void lockAll() {
    for (Lane lane : lanes) {
      lane.lock.lock();
    }
  }

  private void unlockAll() {
    for (Lane lane : lanes) {
      lane.lock.unlock();
    }
  }

  /** Called with all lanes locked once; gives them up while waiting. */
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
      unlockAll();
      try {
        turns.await(() -> until.ended);
      } finally {
        lockAll();
        request.waitingFor = null;
      }
    }
  }

  /** The newest request to wait for; one that itself waits is skipped, since it may wait for us. */
  private @Nullable Tracked findConflict(Tracked request) {
    Tracked found = null;
    for (Lane lane : lanes) {
      for (Tracked other = lane.newest; other != null; other = other.older) {
        if (other != request
            && (other.serialising || request.serialising)
            && other.waitingFor == null
            && other.overlaps(request)
            && (found == null || other.sequence > found.sequence)) {
          found = other;
        }
      }
    }
    return found;
  }
}
