package io.faultdisk.block.writecache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What reads see of a cache: for each byte the last write that covers it. Discards show nothing.
 *
 * <p>Under the lock of the cache; the extents it hands out do not change.
 */
final class CachedContent {
  /** The extents by their start; they do not overlap. */
  private final TreeMap<Long, Extent> extents = new TreeMap<>();

  /** A range, half open, and the write that decides what is there. */
  record Extent(long start, long end, PendingWrite write) {
    boolean isZero() {
      return write.kind == PendingWrite.Kind.WRITE_ZEROES;
    }
  }

  void put(PendingWrite write) {
    if (write.bytes > 0) {
      cut(write.offset, write.end());
      extents.put(write.offset, new Extent(write.offset, write.end(), write));
    }
  }

  /** Nothing is cached there any more. */
  void cut(long start, long end) {
    for (Extent extent : within(start, end)) {
      extents.remove(extent.start());
      if (extent.start() < start) {
        extents.put(extent.start(), new Extent(extent.start(), start, extent.write()));
      }
      if (extent.end() > end) {
        extents.put(end, new Extent(end, extent.end(), extent.write()));
      }
    }
  }

  /** Takes out what this write shows. */
  void remove(PendingWrite write) {
    for (Extent extent : within(write.offset, write.end())) {
      if (extent.write() == write) {
        extents.remove(extent.start());
      }
    }
  }

  /** All extents that touch a range, uncut, ascending. */
  List<Extent> within(long start, long end) {
    if (extents.isEmpty() || start >= end) {
      return List.of();
    }
    Long first = extents.floorKey(start);
    List<Extent> found = new ArrayList<>();
    for (Extent extent : extents.subMap(first == null ? start : first, end).values()) {
      if (extent.end() > start) {
        found.add(extent);
      }
    }
    return found;
  }

  /** The first extent that ends behind an offset, if it begins before the end. */
  @Nullable Extent next(long offset, long end) {
    Map.Entry<Long, Extent> floor = extents.floorEntry(offset);
    if (floor != null && floor.getValue().end() > offset) {
      return floor.getValue();
    }
    Map.Entry<Long, Extent> higher = extents.higherEntry(offset);
    return higher != null && higher.getKey() < end ? higher.getValue() : null;
  }

  /** Where the last extent ends; 0 if there is none. */
  long end() {
    return extents.isEmpty() ? 0 : extents.lastEntry().getValue().end();
  }

  void clear() {
    extents.clear();
  }
}
