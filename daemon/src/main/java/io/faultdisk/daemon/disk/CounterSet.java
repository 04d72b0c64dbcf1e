package io.faultdisk.daemon.disk;

import io.faultdisk.rules.RequestType;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one thread, or of all that have none of their own. Anybody may read them.
 *
 * <p>A thread that is alone with its counters adds without telling the processor that somebody else
 * might, which takes a tenth of the time. It also need not look at the clock for each request: the
 * clock is most of what is left.
 */
final class CounterSet {
  private static final RequestType[] TYPES = RequestType.values();

  /** Places for each type of request: these, then the latencies. */
  static final int BEGAN = 0;

  static final int BYTES = 1;
  static final int NANOS = 2;
  static final int INJECTED = 3;
  static final int FAILED = 4;
  static final int LATENCIES = 5;
  static final int WIDTH = LATENCIES + Latencies.BUCKETS;

  /** A thread that does more than one request in so many nanoseconds is busy. */
  private static final long BUSY_NANOS = 4000;

  /** Requests of a busy thread for one that is timed. */
  private static final int BUSY_EVERY = 8;

  private final AtomicLongArray counts;

  /** Whose they are; null if they are shared. */
  private final @Nullable Thread owner;

  // Of the owner, to choose the requests that are timed.
  private final long[] lastNanos = new long[TYPES.length];
  private long lastEnd;
  private int untimedLeft;
  private int untimed;
  private int seenLook;

  /** Those that are shared. */
  CounterSet() {
    this.counts = new AtomicLongArray(TYPES.length * WIDTH);
    this.owner = null;
  }

  /**
   * Those of a thread.
   *
   * @param old of one that has ended: what it counted stays
   */
  CounterSet(Thread owner, @Nullable CounterSet old) {
    this.counts = old == null ? new AtomicLongArray(TYPES.length * WIDTH) : old.counts;
    this.owner = owner;
  }

  /** Where the counters of a type begin. */
  @SuppressWarnings("EnumOrdinal") // only within one run
  static int base(RequestType type) {
    return type.ordinal() * WIDTH;
  }

  boolean isOwn(Thread thread) {
    return owner == thread;
  }

  /** Whether somebody else may take over. */
  boolean isAbandoned() {
    return owner != null && !owner.isAlive();
  }

  void add(int place, long more) {
    if (owner == null) {
      counts.getAndAdd(place, more);
    } else {
      counts.setRelease(place, counts.getPlain(place) + more);
    }
  }

  long get(int place) {
    return counts.getAcquire(place);
  }

  /**
   * Whether the next request is to be timed. A busy thread times every {@value #BUSY_EVERY}th, and
   * the first one after somebody has looked.
   *
   * @param look counts how often somebody has looked
   */
  boolean timesNext(int look) {
    if (owner == null || look != seenLook || untimedLeft == 0) {
      seenLook = look;
      return true;
    }
    untimedLeft--;
    untimed++;
    return false;
  }

  /** A request was timed. */
  @SuppressWarnings("EnumOrdinal") // only within one run
  void timed(RequestType type, long end, long nanos) {
    if (owner != null) {
      lastNanos[type.ordinal()] = nanos;
      untimedLeft = end - lastEnd < BUSY_NANOS * (untimed + 1) ? BUSY_EVERY - 1 : 0;
      untimed = 0;
      lastEnd = end;
    }
  }

  /** What a request that was not timed is taken to have lasted: as the latest one that was. */
  @SuppressWarnings("EnumOrdinal") // only within one run
  long assumedNanos(RequestType type) {
    return lastNanos[type.ordinal()];
  }
}
