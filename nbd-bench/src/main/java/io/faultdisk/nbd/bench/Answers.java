package io.faultdisk.nbd.bench;

import io.faultdisk.base.Errno;
import io.faultdisk.nbd.NbdError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What the requests of one kind came to: how many succeeded and how long that took, and the errors
 * of the others.
 *
 * <p>For one thread at a time. {@link #count} allocates nothing.
 */
public final class Answers {
  /** Longer than anybody waits; what takes longer is counted as this. */
  private static final long LATENCY_NANOS_MAX = 3_600_000_000_000L;

  /** Latencies are kept to 3 digits. */
  private static final int DIGITS = 3;

  private final Histogram latencyNanos = new Histogram(1, LATENCY_NANOS_MAX, DIGITS);
  private final long[] errors = new long[256];
  private final int blockBytes;

  Answers(int blockBytes) {
    this.blockBytes = blockBytes;
  }

  /** Counts a request that ended with this number of an error; 0 is success. */
  void count(int error, long nanos) {
    if (error == NbdError.SUCCESS) {
      latencyNanos.recordValue(Math.clamp(nanos, 1, LATENCY_NANOS_MAX));
    } else {
      errors[NbdError.errnoOf(error).number()]++;
    }
  }

  void add(Answers others) {
    latencyNanos.add(others.latencyNanos);
    for (int i = 0; i < errors.length; i++) {
      errors[i] += others.errors[i];
    }
  }

  /** How many requests succeeded. */
  public long succeeded() {
    return latencyNanos.getTotalCount();
  }

  /** How many requests were answered, well or not. */
  public long all() {
    long all = succeeded();
    for (long count : errors) {
      all += count;
    }
    return all;
  }

  /** How many bytes those moved that succeeded. */
  public long bytes() {
    return succeeded() * blockBytes;
  }

  /**
   * How many requests failed, by error; only errors that were seen. In the order of the numbers.
   */
  public Map<Errno, Long> errors() {
    Map<Integer, Long> seen = new TreeMap<>();
    for (int i = 0; i < errors.length; i++) {
      if (errors[i] != 0) {
        seen.put(i, errors[i]);
      }
    }
    return seen.entrySet().stream()
        .collect(
            Collectors.toMap(
                each -> Errno.of(each.getKey()),
                Map.Entry::getValue,
                (one, _) -> one,
                LinkedHashMap::new));
  }

  /**
   * How long the quickest so many percent of those that succeeded took at most, in nanoseconds; 0
   * if none did.
   *
   * @param percent 0 for the quickest, 100 for the slowest
   */
  public long latencyNanos(double percent) {
    if (succeeded() == 0) {
      return 0;
    }
    return percent == 0 ? latencyNanos.getMinValue() : latencyNanos.getValueAtPercentile(percent);
  }

  /** How long those that succeeded took on average, in nanoseconds; 0 if none did. */
  public double latencyNanosMean() {
    return succeeded() == 0 ? 0 : latencyNanos.getMean();
  }
}
