package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionValues;

/**
 * How large the two caches of metadata are: by options, or so that the L2 cache holds the tables of
 * the whole disk up to 32 MiB.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 *
 * @param l2Slots tables in the L2 cache
 * @param l2SliceBytes size of each
 * @param refcountSlots refcount blocks in their cache
 */
record CacheSizes(int l2Slots, int l2SliceBytes, int refcountSlots) {
  static final String TOTAL = "cache-size";
  static final String L2 = "l2-cache-size";
  static final String L2_ENTRY = "l2-cache-entry-size";
  static final String REFCOUNT = "refcount-cache-size";

  private static final int L2_SLOTS_MIN = 2;
  private static final int REFCOUNT_SLOTS_MIN = 4;
  private static final int L2_BYTES_DEFAULT = 32 << 20;
  private static final int SLICE_MIN = 512;

  /** Size of slices if the cache cannot hold the tables of the whole disk. */
  private static final int SLICE_USUAL = 4096;

  /** More memory than the machine would give us. */
  private static final long BYTES_MAX = 64L << 30;

  static CacheSizes of(OptionValues values, Header header, Geometry geometry)
      throws UsageException {
    long wholeDisk =
        geometry.roundUp(geometry.clusters(header.diskBytes()) * geometry.l2EntryBytes());
    long l2Limit = values.size(L2, L2_BYTES_DEFAULT);
    long l2 = min(wholeDisk, l2Limit);
    long refcounts = values.size(REFCOUNT, 0);
    if (values.has(TOTAL)) {
      long total = values.size(TOTAL, 0);
      requireFitting(values, total);
      long refcountsMin = (long) REFCOUNT_SLOTS_MIN * geometry.clusterSize();
      if (values.has(L2)) {
        refcounts = total - l2;
      } else if (values.has(REFCOUNT)) {
        l2 = total - refcounts;
      } else if (Long.compareUnsigned(total, wholeDisk + refcountsMin) >= 0) {
        l2 = wholeDisk;
        refcounts = total - l2;
      } else {
        refcounts = min(total, refcountsMin);
        l2 = total - refcounts;
      }
    }
    long slice = values.size(L2_ENTRY, geometry.clusterSize());
    if (Long.compareUnsigned(l2, wholeDisk) < 0 && !values.has(L2_ENTRY)) {
      slice = Math.min(geometry.clusterSize(), SLICE_USUAL);
    }
    if (slice < SLICE_MIN || slice > geometry.clusterSize() || Long.bitCount(slice) != 1) {
      throw new UsageException(
          "L2 cache entry size must be a power of two between "
              + SLICE_MIN
              + " and the cluster size ("
              + geometry.clusterSize()
              + ")");
    }
    return new CacheSizes(
        slots(l2, slice, L2_SLOTS_MIN, "L2 cache"),
        (int) slice,
        slots(refcounts, geometry.clusterSize(), REFCOUNT_SLOTS_MIN, "Refcount cache"));
  }

  private static void requireFitting(OptionValues values, long total) throws UsageException {
    if (values.has(L2) && values.has(REFCOUNT)) {
      throw new UsageException(
          TOTAL + ", " + L2 + " and " + REFCOUNT + " may not be set at the same time");
    }
    for (String part : new String[] {L2, REFCOUNT}) {
      if (Long.compareUnsigned(values.size(part, 0), total) > 0) {
        throw new UsageException(part + " may not exceed " + TOTAL);
      }
    }
  }

  private static int slots(long bytes, long each, int atLeast, String cache) throws UsageException {
    long slots = Math.max(Long.divideUnsigned(bytes, each), atLeast);
    if (slots > Integer.MAX_VALUE) {
      throw new UsageException(cache + " size too big");
    }
    if (slots * each > BYTES_MAX) {
      throw new UsageException("Could not allocate metadata caches");
    }
    return (int) slots;
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }
}
