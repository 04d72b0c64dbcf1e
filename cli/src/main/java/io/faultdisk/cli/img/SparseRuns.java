package io.faultdisk.cli.img;

import java.nio.ByteBuffer;

/**
 * Divides data that is to be written into runs of data and of zeroes.
 *
 * <p>The ends of runs are moved to multiples of the alignment where that does not turn data into
 * zeroes, and zeroes shorter than the minimum count as data unless they come first, so that a few
 * zeroes do not break up a write.
 *
 * <p>All numbers are sectors of {@value SectorScan#SECTOR} bytes. Immutable; any thread.
 *
 * <p>Source: the runs of QEMU 7.2, qemu-img.c, is_allocated_sectors_min().
 *
 * @param minimum shortest run of zeroes that is worth a request of its own
 * @param alignment where runs should end, a power of two
 */
record SparseRuns(int minimum, int alignment) {

  /**
   * The run that begins at {@code from}.
   *
   * @param data the sectors that are to be written
   * @param from which of them comes next
   * @param count how many there are from {@code from} on, more than 0
   * @param position where {@code from} is written, counted from the start of the image
   * @return its length; negative for a run of zeroes
   */
  int next(ByteBuffer data, int from, int count, long position) {
    int first = run(data, from, count, position);
    if (first < 0) {
      return first;
    }
    int enough = Math.min(minimum, count);
    int looked = first;
    int used = first;
    while (looked < count) {
      int run = run(data, from + looked, count - looked, position + looked);
      looked += Math.abs(run);
      if (run > 0) {
        used = looked;
      } else if (-run >= enough) {
        break;
      }
    }
    return used;
  }

  private int run(ByteBuffer data, int from, int count, long position) {
    int start = from * SectorScan.SECTOR;
    int zeroes = SectorScan.zeroBytes(data, start, count * SectorScan.SECTOR) / SectorScan.SECTOR;
    boolean isZero = zeroes > 0;
    int length = isZero ? zeroes : SectorScan.dataSectors(data, start, count);
    if (length == count) {
      return isZero ? -length : length;
    }
    int beyond = (int) ((position + length) & (alignment - 1));
    if (beyond == 0) {
      return isZero ? -length : length;
    }
    if (isZero && length > beyond) {
      return beyond - length; // what follows is written as data from the boundary on
    }
    return Math.min(length + alignment - beyond, count);
  }
}
