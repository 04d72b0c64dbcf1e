package io.faultdisk.daemon.disk;

import io.faultdisk.base.Clock;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.blkdebug.DiskObserver;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of a disk and knows where they have been. Any thread.
 *
 * <p>A disk in memory answers a million requests a second, so a dozen nanoseconds more for each are
 * a percent. Platform threads, such as those of the NBD server, have counters of their own; only
 * virtual threads, and those for which there is no room, share some. And of a thread that does more
 * than 250,000 requests a second only every eighth is timed; the others are taken to have lasted as
 * long. Everything else is exact: every request is counted, and every one that a rule does
 * something to is timed.
 */
public final class DiskActivity implements DiskObserver, AutoCloseable {
  private static final RequestType[] TYPES = RequestType.values();

  /** Threads with counters of their own. */
  private static final int OWNERS_MAX = 64;

  /** Sets of counters that the others share. */
  private static final int SHARED = 8;

  /** Instead of the time when a request began. */
  private static final long UNTIMED = Long.MIN_VALUE;

  private final Clock clock;
  private final CounterSet[] shared = new CounterSet[SHARED];
  private final AtomicReferenceArray<@Nullable CounterSet> owned =
      new AtomicReferenceArray<>(OWNERS_MAX);
  private final ReentrantLock taking = new ReentrantLock();
  private final AtomicInteger looks = new AtomicInteger();
  private final HeatMap heat;
  private final Timeline timeline;

  /** What was counted before the latest reset. */
  private volatile long[] before = new long[TYPES.length * CounterSet.WIDTH];

  /**
   * Nothing yet.
   *
   * @param size of the disk in bytes, as far as is known
   */
  DiskActivity(FaultEngine engine, long size, Clock clock) {
    this.clock = clock;
    for (int i = 0; i < SHARED; i++) {
      shared[i] = new CounterSet();
    }
    this.heat = new HeatMap(size);
    this.timeline = new Timeline(engine, this::answered);
  }

  /** The counters for the calling thread. */
  private CounterSet own() {
    Thread thread = Thread.currentThread();
    CounterSet found = owned.getAcquire((int) thread.threadId() & (OWNERS_MAX - 1));
    return found != null && found.isOwn(thread) ? found : takeOrShare(thread);
  }

  private CounterSet takeOrShare(Thread thread) {
    long id = thread.threadId();
    if (!thread.isVirtual()) {
      int slot = (int) id & (OWNERS_MAX - 1);
      CounterSet other = owned.get(slot);
      if (other == null || other.isAbandoned()) {
        return take(thread, slot);
      }
    }
    return shared[(int) (id ^ id >>> 3) & (SHARED - 1)];
  }

  private CounterSet take(Thread thread, int slot) {
    taking.lock();
    try {
      CounterSet other = owned.get(slot);
      if (other != null && !other.isAbandoned()) {
        return shared[slot & (SHARED - 1)];
      }
      CounterSet own = new CounterSet(thread, other);
      owned.set(slot, own);
      return own;
    } finally {
      taking.unlock();
    }
  }

  @Override
  public long began(RequestType type) {
    CounterSet own = own();
    own.add(CounterSet.base(type) + CounterSet.BEGAN, 1);
    return own.timesNext(looks.getOpaque()) ? clock.nanoTime() : UNTIMED;
  }

  @Override
  public long decided(long began, Decision decision) {
    return began == UNTIMED && decision instanceof Decision.ByRule ? clock.nanoTime() : began;
  }

  @Override
  public void ended(
      long began,
      RequestType type,
      long offset,
      long bytes,
      Decision decision,
      @Nullable BlockIoException failure) {
    CounterSet own = own();
    long nanos;
    if (began == UNTIMED) {
      nanos = own.assumedNanos(type);
    } else {
      long end = clock.nanoTime();
      nanos = Math.max(0, end - began);
      own.timed(type, end, nanos);
    }
    int base = CounterSet.base(type);
    own.add(base + CounterSet.BYTES, bytes);
    own.add(base + CounterSet.NANOS, nanos);
    boolean byRule = decision instanceof Decision.ByRule;
    if (byRule) {
      own.add(base + CounterSet.INJECTED, 1);
    } else if (failure != null) {
      own.add(base + CounterSet.FAILED, 1);
    }
    switch (type) {
      case READ -> heat.touch(HeatMap.Kind.READ, offset, bytes, byRule);
      case WRITE, WRITE_ZEROES, DISCARD -> heat.touch(HeatMap.Kind.WRITE, offset, bytes, byRule);
      case FLUSH, BLOCK_STATUS -> {}
    }
    if (timeline.isWatched()) {
      timeline.add(type, offset, bytes, nanos, decision, failure);
    }
    // Last: the request is over for those who count.
    own.add(base + CounterSet.LATENCIES + Latencies.bucket(nanos), 1);
  }

  /** The counts now. Requests that end meanwhile may be in one and not in another. */
  public Counters counters() {
    looks.incrementAndGet();
    long[] reset = before;
    Map<RequestType, Counters.OfType> byType = new EnumMap<>(RequestType.class);
    long inFlight = 0;
    for (RequestType type : TYPES) {
      int base = CounterSet.base(type);
      long[] latencies = new long[Latencies.BUCKETS];
      long ended = 0;
      // The ends first: what began in between may count as under way, but nothing ends unbegun.
      for (int i = 0; i < latencies.length; i++) {
        int place = base + CounterSet.LATENCIES + i;
        long count = sum(place);
        ended += count;
        latencies[i] = count - reset[place];
      }
      Latencies all = new Latencies(latencies);
      byType.put(
          type,
          new Counters.OfType(
              all.count(),
              since(reset, base + CounterSet.BYTES),
              since(reset, base + CounterSet.NANOS),
              since(reset, base + CounterSet.INJECTED),
              since(reset, base + CounterSet.FAILED),
              all));
      inFlight += Math.max(0, sum(base + CounterSet.BEGAN) - ended);
    }
    return new Counters(byType, inFlight);
  }

  /** Requests that were answered, those before a reset among them. */
  private long answered() {
    long sum = 0;
    for (RequestType type : TYPES) {
      int latencies = CounterSet.base(type) + CounterSet.LATENCIES;
      for (int i = 0; i < Latencies.BUCKETS; i++) {
        sum += sum(latencies + i);
      }
    }
    return sum;
  }

  private long since(long[] reset, int place) {
    return sum(place) - reset[place];
  }

  private long sum(int place) {
    long sum = 0;
    for (CounterSet set : shared) {
      sum += set.get(place);
    }
    for (int i = 0; i < OWNERS_MAX; i++) {
      CounterSet set = owned.get(i);
      if (set != null) {
        sum += set.get(place);
      }
    }
    return sum;
  }

  /** Where requests have been. */
  public HeatMap heat() {
    return heat;
  }

  /** The latest requests. */
  public Timeline timeline() {
    return timeline;
  }

  /** Counts from 0 again; those under way stay under way. */
  void reset() {
    long[] now = new long[TYPES.length * CounterSet.WIDTH];
    for (int place = 0; place < now.length; place++) {
      now[place] = sum(place);
    }
    before = now;
    heat.reset();
  }

  @Override
  public void close() {
    timeline.unwatch();
  }
}
