package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Maps offsets to a height, lowest at the bottom. What no request touched takes no room: a disk may
 * be large, and most of it untouched.
 *
 * <p>The touched part is cut into chunks of one size, a power of two large enough that there are
 * not too many of them. All chunks are of the same height, in order.
 */
final class OffsetScale {
  private static final int CHUNKS_MOST = 96;
  private static final long CHUNK_LEAST = 4096;

  private final long chunk;
  private final List<Long> touched;
  private final double height;

  /**
   * A label beside the scale.
   *
   * @param y where, from the top
   * @param offset in bytes
   * @param gap whether there is untouched space below it
   */
  record Mark(double y, long offset, boolean gap) {}

  private OffsetScale(long chunk, List<Long> touched, double height) {
    this.chunk = chunk;
    this.touched = touched;
    this.height = height;
  }

  /** A scale for some requests. */
  static OffsetScale of(List<TimelineEntry> requests, double height) {
    for (long chunk = CHUNK_LEAST; ; chunk *= 2) {
      TreeSet<Long> touched = new TreeSet<>();
      if (touch(requests, chunk, touched)) {
        return new OffsetScale(chunk, new ArrayList<>(touched), height);
      }
    }
  }

  /** Whether there are few enough chunks of that size. */
  private static boolean touch(List<TimelineEntry> requests, long chunk, Set<Long> touched) {
    for (TimelineEntry request : requests) {
      if (request.bytes() > 0) {
        long last = end(request) / chunk;
        for (long at = start(request) / chunk; at <= last; at++) {
          touched.add(at);
          if (touched.size() > CHUNKS_MOST && chunk < 1L << 60) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static long start(TimelineEntry request) {
    return Math.max(0, request.offset());
  }

  /** Its last byte. */
  private static long end(TimelineEntry request) {
    long end = start(request) + request.bytes() - 1;
    return end < 0 ? Long.MAX_VALUE : end;
  }

  /** Where the top of a request is, from the top. */
  double top(TimelineEntry request) {
    return y(end(request), true);
  }

  /** Where its bottom is, from the top. */
  double bottom(TimelineEntry request) {
    return y(start(request), false);
  }

  private double y(long offset, boolean behind) {
    if (touched.isEmpty()) {
      return height;
    }
    int at = Collections.binarySearch(touched, offset / chunk);
    double inside = (offset % chunk + (behind ? 1 : 0)) / (double) chunk;
    double chunks = Math.max(0, at) + inside;
    return height - chunks * height / touched.size();
  }

  /** Labels, the lowest first: the start of each touched stretch, unless it is near to another. */
  List<Mark> marks(double distance) {
    List<Mark> marks = new ArrayList<>();
    double last = Double.MAX_VALUE;
    for (int i = 0; i < touched.size(); i++) {
      boolean gap = i > 0 && touched.get(i) != touched.get(i - 1) + 1;
      double y = height - i * height / touched.size();
      if ((i == 0 || gap) && last - y >= distance) {
        marks.add(new Mark(y, touched.get(i) * chunk, gap));
        last = y;
      }
    }
    return marks;
  }
}
