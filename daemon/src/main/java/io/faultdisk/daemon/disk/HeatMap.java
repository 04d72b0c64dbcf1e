package io.faultdisk.daemon.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Where on a disk requests have been, in {@value #CELLS} cells of equal size that together cover
 * all that was touched. Any thread; a request that comes while the cells double may be counted in
 * the neighbour's.
 */
public final class HeatMap {
  /** How many cells there are. */
  public static final int CELLS = 1024;

  private static final long SECTOR = 512;

  private final AtomicLongArray reads = new AtomicLongArray(CELLS);
  private final AtomicLongArray writes = new AtomicLongArray(CELLS);
  private final AtomicLongArray injected = new AtomicLongArray(CELLS);
  private volatile int cellBits;

  /**
   * Counts by cell.
   *
   * @param cellBytes how much of the disk a cell stands for
   * @param cells those that anything has touched, in ascending order
   */
  public record View(long cellBytes, List<Cell> cells) {
    public View {
      cells = List.copyOf(cells);
    }

    /**
     * What came since an earlier look at the same map, in the cells of this one; all of it if the
     * map was emptied in between.
     */
    public View since(View earlier) {
      int factor = (int) Math.max(1, cellBytes / earlier.cellBytes);
      long[] reads = new long[CELLS];
      long[] writes = new long[CELLS];
      long[] injected = new long[CELLS];
      for (Cell cell : cells) {
        reads[cell.index] = cell.reads;
        writes[cell.index] = cell.writes;
        injected[cell.index] = cell.injected;
      }
      for (Cell cell : earlier.cells) {
        reads[cell.index / factor] -= cell.reads;
        writes[cell.index / factor] -= cell.writes;
        injected[cell.index / factor] -= cell.injected;
      }
      List<Cell> more = new ArrayList<>();
      for (int i = 0; i < CELLS; i++) {
        if (reads[i] < 0 || writes[i] < 0 || injected[i] < 0) {
          return this;
        }
        if ((reads[i] | writes[i] | injected[i]) != 0) {
          more.add(new Cell(i, reads[i], writes[i], injected[i]));
        }
      }
      return new View(cellBytes, more);
    }
  }

  /**
   * One cell.
   *
   * @param index its place, from 0: it begins at the byte {@code index * cellBytes}
   * @param reads requests that read there, whatever became of them
   * @param writes requests that wrote, zeroed or discarded there
   * @param injected requests that touched it and met with a rule
   */
  public record Cell(int index, long reads, long writes, long injected) {}

  /** What a request did to the cells that it touched. */
  enum Kind {
    READ,
    WRITE
  }

  /** For a disk of that many bytes, as far as is known. */
  HeatMap(long size) {
    this.cellBits = bits(Math.max(size, CELLS * SECTOR));
  }

  private static int bits(long size) {
    return 64 - Long.numberOfLeadingZeros((size - 1) / CELLS);
  }

  void touch(Kind kind, long offset, long bytes, boolean byRule) {
    if (bytes <= 0) {
      return;
    }
    int bits = cellBits;
    long last = (offset + bytes - 1) >>> bits;
    if (last >= CELLS) {
      grow(offset + bytes);
      bits = cellBits;
      last = Math.min((offset + bytes - 1) >>> bits, CELLS - 1);
    }
    AtomicLongArray counts = kind == Kind.READ ? reads : writes;
    for (int cell = (int) (offset >>> bits); cell <= last; cell++) {
      counts.getAndIncrement(cell);
      if (byRule) {
        injected.getAndIncrement(cell);
      }
    }
  }

  private synchronized void grow(long size) {
    int bits = Math.max(cellBits, bits(size));
    int factor = 1 << Math.min(bits - cellBits, 10);
    if (factor > 1) {
      merge(reads, factor);
      merge(writes, factor);
      merge(injected, factor);
      cellBits = bits;
    }
  }

  private static void merge(AtomicLongArray counts, int factor) {
    for (int cell = 0; cell < CELLS; cell++) {
      long count = counts.getAndSet(cell, 0);
      counts.getAndAdd(cell / factor, count);
    }
  }

  synchronized void reset() {
    for (int cell = 0; cell < CELLS; cell++) {
      reads.set(cell, 0);
      writes.set(cell, 0);
      injected.set(cell, 0);
    }
  }

  /** The counts now. */
  public synchronized View view() {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < CELLS; i++) {
      Cell cell = new Cell(i, reads.get(i), writes.get(i), injected.get(i));
      if ((cell.reads | cell.writes | cell.injected) != 0) {
        cells.add(cell);
      }
    }
    return new View(1L << cellBits, cells);
  }
}
