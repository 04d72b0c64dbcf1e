package io.faultdisk.daemon.disk;

import io.faultdisk.base.Clock;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.blkdebug.DiskObserver;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of a disk and knows where they have been. Any thread.
 *
 * <p>A request costs two looks at the clock and five additions, in one of a few sets of counters by
 * thread, so that threads rarely meet.
 */
public final class DiskActivity implements DiskObserver, AutoCloseable {
  private static final RequestType[] TYPES = RequestType.values();
  private static final int STRIPES = 8;

  /** Places in a set of counters: for each type these, then the latencies. */
  private static final int BEGAN = 0;

  private static final int BYTES = 1;
  private static final int NANOS = 2;
  private static final int INJECTED = 3;
  private static final int FAILED = 4;
  private static final int LATENCIES = 5;
  private static final int WIDTH = LATENCIES + Latencies.BUCKETS;

  private final Clock clock = Clock.system();
  private final AtomicLongArray[] stripes = new AtomicLongArray[STRIPES];
  private final HeatMap heat;
  private final Timeline timeline;

  /**
   * Nothing yet.
   *
   * @param size of the disk in bytes, as far as is known
   */
  DiskActivity(FaultEngine engine, long size) {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new AtomicLongArray(TYPES.length * WIDTH);
    }
    this.heat = new HeatMap(size);
    this.timeline = new Timeline(engine);
  }

  /** Where the counters of a type begin. */
  @SuppressWarnings("EnumOrdinal") // only within one run
  private static int base(RequestType type) {
    return type.ordinal() * WIDTH;
  }

  private AtomicLongArray own() {
    long id = Thread.currentThread().threadId();
    return stripes[(int) (id ^ id >>> 3) & (STRIPES - 1)];
  }

  @Override
  public long began(RequestType type) {
    own().getAndIncrement(base(type) + BEGAN);
    return clock.nanoTime();
  }

  @Override
  public void ended(
      long began,
      RequestType type,
      long offset,
      long bytes,
      Decision decision,
      @Nullable BlockIoException failure) {
    long nanos = Math.max(0, clock.nanoTime() - began);
    AtomicLongArray own = own();
    int base = base(type);
    own.getAndIncrement(base + LATENCIES + Latencies.bucket(nanos));
    own.getAndAdd(base + BYTES, bytes);
    own.getAndAdd(base + NANOS, nanos);
    boolean byRule = decision instanceof Decision.ByRule;
    if (byRule) {
      own.getAndIncrement(base + INJECTED);
    } else if (failure != null) {
      own.getAndIncrement(base + FAILED);
    }
    switch (type) {
      case READ -> heat.touch(HeatMap.Kind.READ, offset, bytes, byRule);
      case WRITE, WRITE_ZEROES, DISCARD -> heat.touch(HeatMap.Kind.WRITE, offset, bytes, byRule);
      case FLUSH, BLOCK_STATUS -> {}
    }
    if (timeline.isWatched()) {
      timeline.add(type, offset, bytes, nanos, decision, failure);
    }
  }

  /** The counts now. Requests that end meanwhile may be in one and not in another. */
  public Counters counters() {
    Map<RequestType, Counters.OfType> byType = new EnumMap<>(RequestType.class);
    long inFlight = 0;
    for (RequestType type : TYPES) {
      long[] latencies = new long[Latencies.BUCKETS];
      // The ends first: what began in between may count as under way, but nothing ends unbegun.
      for (int i = 0; i < latencies.length; i++) {
        latencies[i] = sum(type, LATENCIES + i);
      }
      Latencies all = new Latencies(latencies);
      byType.put(
          type,
          new Counters.OfType(
              all.count(),
              sum(type, BYTES),
              sum(type, NANOS),
              sum(type, INJECTED),
              sum(type, FAILED),
              all));
      inFlight += Math.max(0, sum(type, BEGAN) - all.count());
    }
    return new Counters(byType, inFlight);
  }

  private long sum(RequestType type, int place) {
    long sum = 0;
    for (AtomicLongArray stripe : stripes) {
      sum += stripe.get(base(type) + place);
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
    for (RequestType type : TYPES) {
      for (AtomicLongArray stripe : stripes) {
        int base = base(type);
        for (int place = BYTES; place < WIDTH; place++) {
          long counted = stripe.getAndSet(base + place, 0);
          if (place >= LATENCIES) {
            stripe.getAndAdd(base + BEGAN, -counted);
          }
        }
      }
    }
    heat.reset();
  }

  @Override
  public void close() {
    timeline.unwatch();
  }
}
