package io.faultdisk.rules;

/**
 * Ascending offsets that can be searched: halving, but inside a short stretch that a table gives.
 *
 * <p>The range from the first to the last offset is cut into as many stretches of equal length as
 * there are offsets, or somewhat fewer, so that the length is a power of two; the table says where
 * each begins. Offsets spread evenly are found after a step or two, and however they are heaped a
 * search takes O(log n). Immutable; safe from any thread.
 */
final class SortedOffsets {
  private final long[] offsets;

  /** Binary logarithm of a stretch's length. */
  private final int shift;

  /** Index of the first offset in a stretch or behind it; one more entry for the end. */
  private final int[] starts;

  /**
   * Creates a search structure.
   *
   * @param offsets ascending, not negative
   */
  SortedOffsets(long[] offsets) {
    this.offsets = offsets;
    int bits = 0;
    if (offsets.length > 0) {
      while (stretch(offsets[offsets.length - 1], bits) >= offsets.length) {
        bits++;
      }
    }
    this.shift = bits;
    int stretches = offsets.length == 0 ? 0 : stretch(offsets[offsets.length - 1], bits) + 1;
    this.starts = new int[stretches + 1];
    int at = 0;
    for (int i = 0; i < stretches; i++) {
      while (stretch(offsets[at], bits) < i) {
        at++;
      }
      starts[i] = at;
    }
    starts[stretches] = offsets.length;
  }

  private int stretch(long offset, int bits) {
    long number = (offset - offsets[0]) >>> bits;
    return number > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) number;
  }

  int size() {
    return offsets.length;
  }

  long get(int index) {
    return offsets[index];
  }

  /** Index of the first offset that is not below this one; {@link #size()} if all are. */
  int atLeast(long offset) {
    int count = offsets.length;
    if (count == 0 || offset <= offsets[0]) {
      return 0;
    }
    if (offset > offsets[count - 1]) {
      return count;
    }
    int stretch = (int) ((offset - offsets[0]) >>> shift);
    int low = starts[stretch];
    int high = starts[stretch + 1];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offsets[middle] < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
