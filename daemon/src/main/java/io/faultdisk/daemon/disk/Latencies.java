package io.faultdisk.daemon.disk;

/**
 * How long requests took, in buckets that are a quarter of their value wide or less. Immutable as
 * far as anybody outside can tell.
 *
 * <pre>
 *   bucket   0  1  2  3  4  5  6  7  8      9      10     11     12     ...
 *   from ns  0  1  2  3  4  5  6  7  8     10      12     14     16     ...
 * </pre>
 */
public final class Latencies {
  /** Buckets that a time in nanoseconds can fall into. */
  static final int BUCKETS = bucket(Long.MAX_VALUE) + 1;

  private final long[] counts;

  /** Takes over the counts by bucket. */
  Latencies(long[] counts) {
    this.counts = counts;
  }

  /** The bucket of a time. */
  static int bucket(long nanos) {
    if (nanos < 4) {
      return (int) Math.max(0, nanos);
    }
    int octave = 63 - Long.numberOfLeadingZeros(nanos);
    return (octave - 1) * 4 + (int) (nanos >>> (octave - 2) & 3);
  }

  /** The least time of a bucket, in nanoseconds. */
  static long from(int bucket) {
    if (bucket < 4) {
      return bucket;
    }
    int octave = bucket / 4 + 1;
    return (4L + bucket % 4) << (octave - 2);
  }

  /** How many requests there are. */
  public long count() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /** Is told of a bucket. */
  @FunctionalInterface
  public interface Reader {
    /** So many requests took that long, in nanoseconds, or up to a quarter more. */
    void bucket(long fromNanos, long count);
  }

  /** Shows the buckets that are not empty, the shortest times first. */
  public void forEach(Reader reader) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        reader.bucket(from(i), counts[i]);
      }
    }
  }

  /** How many requests took less than so many nanoseconds, to the accuracy of the buckets. */
  public long below(long nanos) {
    long sum = 0;
    for (int i = 0; i < counts.length && (i == counts.length - 1 || from(i + 1) <= nanos); i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** The time that the given share of requests stays below, in nanoseconds; 0 without requests. */
  public long percentile(double percent) {
    long all = count();
    long wanted = (long) Math.ceil(all * percent / 100);
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += counts[i];
      if (sum >= wanted && sum > 0) {
        return from(Math.min(i + 1, counts.length - 1));
      }
    }
    return 0;
  }

  /** What came since an earlier look at the same counts. */
  public Latencies since(Latencies earlier) {
    long[] more = new long[counts.length];
    for (int i = 0; i < more.length; i++) {
      more[i] = Math.max(0, counts[i] - earlier.counts[i]);
    }
    return new Latencies(more);
  }

  /** All of both. */
  public Latencies plus(Latencies other) {
    long[] sum = new long[counts.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = counts[i] + other.counts[i];
    }
    return new Latencies(sum);
  }
}
