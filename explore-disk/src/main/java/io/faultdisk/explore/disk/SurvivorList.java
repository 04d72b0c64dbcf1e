package io.faultdisk.explore.disk;

import java.util.ArrayList;
import java.util.List;

/**
 * Which pending writes reach the medium when the power goes, in the order in which they do.
 *
 * @param parts each a write or some of its sectors
 */
record SurvivorList(List<Part> parts) {
  /** All sectors. */
  static final long WHOLE = Long.MAX_VALUE;

  /**
   * A write, or some of it.
   *
   * @param write which of the pending ones, from 0
   * @param firstSector of the write, from 0
   * @param lastSector of the write, inclusive; {@link #WHOLE} is up to its end
   */
  record Part(int write, long firstSector, long lastSector) {
    boolean isWhole() {
      return firstSector == 0 && lastSector == WHOLE;
    }
  }

  SurvivorList {
    parts = List.copyOf(parts);
  }

  static SurvivorList of(List<Integer> writes) {
    List<Part> parts = new ArrayList<>(writes.size());
    writes.forEach(write -> parts.add(new Part(write, 0, WHOLE)));
    return new SurvivorList(parts);
  }

  /** The first so many. */
  static SurvivorList first(int count) {
    List<Integer> writes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      writes.add(i);
    }
    return of(writes);
  }

  /** The first so many, and behind them some sectors of the next. */
  static SurvivorList torn(int whole, long firstSector, long lastSector) {
    List<Part> parts = new ArrayList<>(first(whole).parts());
    parts.add(new Part(whole, firstSector, lastSector));
    return new SurvivorList(parts);
  }

  /**
   * The value of a {@code survivors} key: {@code none}, {@code all} or {@code 1-3,5,4[0-1]}, the
   * writes numbered from 1.
   */
  String text(int pending) {
    if (parts.isEmpty()) {
      return "none";
    }
    if (equals(first(pending))) {
      return "all";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      text.append(i == 0 ? "" : ",").append(part.write() + 1);
      if (!part.isWhole()) {
        text.append('[')
            .append(part.firstSector())
            .append('-')
            .append(part.lastSector())
            .append(']');
        continue;
      }
      int last = i;
      while (last + 1 < parts.size()
          && parts.get(last + 1).isWhole()
          && parts.get(last + 1).write() == parts.get(last).write() + 1) {
        last++;
      }
      if (last > i) {
        text.append('-').append(parts.get(last).write() + 1);
        i = last;
      }
    }
    return text.toString();
  }
}
