package io.faultdisk.rules;

import java.util.Map;
import java.util.TreeMap;

/** A set of sectors of 512 bytes, as runs. Guarded by the engine's lock. */
final class SectorSet {
  private static final int BYTES = InjectError.SECTOR_BYTES;

  /** First sector of each run, and the sector behind its last; runs do not touch. */
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  /** Adds all sectors that have one of these bytes. */
  void add(long offset, long bytes) {
    if (bytes == 0) {
      return;
    }
    long from = offset / BYTES;
    long to = behind(offset, bytes);
    Map.Entry<Long, Long> before = runs.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    Map.Entry<Long, Long> after = runs.ceilingEntry(from);
    while (after != null && after.getKey() <= to) {
      to = Math.max(to, after.getValue());
      runs.remove(after.getKey());
      after = runs.ceilingEntry(from);
    }
    runs.put(from, to);
  }

  /** Whether it has all sectors with one of these bytes. */
  boolean contains(long offset, long bytes) {
    if (bytes == 0) {
      return true;
    }
    Map.Entry<Long, Long> run = runs.floorEntry(offset / BYTES);
    return run != null && run.getValue() >= behind(offset, bytes);
  }

  private static long behind(long offset, long bytes) {
    return (offset + bytes - 1) / BYTES + 1;
  }
}
