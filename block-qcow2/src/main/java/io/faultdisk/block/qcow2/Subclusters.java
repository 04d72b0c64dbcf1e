package io.faultdisk.block.qcow2;

/**
 * The 32 parts of a cluster in an image with extended L2 entries. Bit {@code i} of the bitmap says
 * that part {@code i} is allocated, bit {@code 32 + i} that it reads as zero. Without extended L2
 * entries a cluster has one part, and the bitmap is ignored.
 */
final class Subclusters {
  private Subclusters() {}

  /** Whether the bitmap contradicts itself or the entry. */
  static boolean isInvalid(long entry, long bitmap, Geometry geometry) {
    if (!geometry.extendedL2()) {
      return false;
    }
    return switch (L2Entry.type(entry, geometry)) {
      case NORMAL -> (bitmap >>> 32 & bitmap) != 0;
      case UNALLOCATED -> (bitmap & L2Entry.ALL_ALLOCATED) != 0;
      case COMPRESSED, ZERO_PLAIN, ZERO_ALLOCATED -> false;
    };
  }

  /** What one part is, for an entry that is not invalid. */
  static ClusterMap.Type type(long entry, long bitmap, int index, Geometry geometry) {
    boolean zero = geometry.extendedL2() && ((bitmap >>> (32 + index)) & 1) != 0;
    boolean allocated = !geometry.extendedL2() || (bitmap >>> index & 1) != 0;
    return switch (L2Entry.type(entry, geometry)) {
      case COMPRESSED -> ClusterMap.Type.COMPRESSED;
      case ZERO_PLAIN -> ClusterMap.Type.ZERO_PLAIN;
      case ZERO_ALLOCATED -> ClusterMap.Type.ZERO_ALLOCATED;
      case UNALLOCATED -> zero ? ClusterMap.Type.ZERO_PLAIN : ClusterMap.Type.UNALLOCATED_PLAIN;
      case NORMAL -> {
        if (zero) {
          yield ClusterMap.Type.ZERO_ALLOCATED;
        }
        yield allocated ? ClusterMap.Type.NORMAL : ClusterMap.Type.UNALLOCATED_ALLOCATED;
      }
    };
  }

  /** How many parts from {@code from} on are of the given type, which is that of the first. */
  static int run(ClusterMap.Type type, long bitmap, int from, Geometry geometry) {
    if (!geometry.extendedL2() || type == ClusterMap.Type.COMPRESSED) {
      return geometry.subclustersPerCluster() - from;
    }
    int before = (int) ((1L << from) - 1);
    int zero = (int) (bitmap >>> 32);
    int allocated = (int) bitmap;
    int end =
        switch (type) {
          case NORMAL -> trailingOnes(allocated | before);
          case ZERO_PLAIN, ZERO_ALLOCATED -> trailingOnes(zero | before);
          case UNALLOCATED_PLAIN, UNALLOCATED_ALLOCATED ->
              Integer.numberOfTrailingZeros((zero | allocated) & ~before);
          case COMPRESSED -> throw new IllegalArgumentException("compressed data has no parts");
        };
    return end - from;
  }

  /** The bitmap after the parts {@code [from, to)} were written. */
  static long written(long bitmap, int from, int to) {
    return (bitmap | range(from, to)) & ~(range(from, to) << 32);
  }

  /** The bitmap after the parts {@code [from, to)} were made zero. */
  static long zeroed(long bitmap, int from, int to) {
    return (bitmap | range(from, to) << 32) & ~range(from, to);
  }

  /** The allocation bits of the parts {@code [from, to)}. */
  static long range(int from, int to) {
    return (1L << to) - (1L << from);
  }

  private static int trailingOnes(int word) {
    return Integer.numberOfTrailingZeros(~word);
  }
}
