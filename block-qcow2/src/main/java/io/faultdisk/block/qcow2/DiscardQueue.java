package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Freed parts of the image file that the file below will be told to drop; parts that touch become
 * one. Under the metadata lock.
 */
final class DiscardQueue {
  private final Node file;
  private final List<Region> regions = new ArrayList<>();

  /** Bytes of the image file. */
  private static final class Region {
    long start;
    long end;

    Region(long start, long end) {
      this.start = start;
      this.end = end;
    }

    boolean touches(Region other) {
      return start <= other.end && other.start <= end;
    }

    void join(Region other) {
      start = Math.min(start, other.start);
      end = Math.max(end, other.end);
    }
  }

  DiscardQueue(Node file) {
    this.file = file;
  }

  void add(long offset, long bytes) {
    Region added = new Region(offset, offset + bytes);
    Region grown = added;
    for (Region region : regions) {
      if (region.touches(added)) {
        region.join(added);
        grown = region;
        break;
      }
    }
    if (grown == added) {
      regions.add(added);
    }
    Iterator<Region> others = regions.iterator();
    while (others.hasNext()) {
      Region other = others.next();
      if (other != grown && other.touches(grown)) {
        others.remove();
        grown.join(other);
      }
    }
  }

  /** Passes all regions on and forgets them. A discard is only a hint, so failures do not count. */
  void passOn() {
    List<Region> now = List.copyOf(regions);
    regions.clear();
    for (Region region : now) {
      try {
        file.discard(region.start, region.end - region.start);
      } catch (BlockIoException e) {
        // The clusters are free all the same.
      }
    }
  }

  void forget() {
    regions.clear();
  }
}
