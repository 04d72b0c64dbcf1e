package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Node;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.format.BitmapStore;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Measurable.Measure;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How large a new image would become.
 *
 * <p>Metadata are always counted as for a full image, so "required" is a little too much. All sizes
 * in bytes.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Measurement {
  private static final long L1_BYTES_MAX = 32 << 20;

  /** An entry of the bitmap directory without the name; entries are padded to 8 bytes. */
  private static final int BITMAP_ENTRY_BYTES = 24;

  private final CreateOptions given;
  private final Geometry geometry;

  private Measurement(CreateOptions given, Geometry geometry) {
    this.given = given;
    this.geometry = geometry;
  }

  static Measure of(CreateOptions given, Optional<Node> source) throws UsageException {
    boolean extendedL2 = given.bool("extended_l2", false);
    int clusterSize = CreationPlan.clusterSize(given, extendedL2);
    int version = version(given);
    int refcountBits = CreationPlan.refcountBits(given, version, "compat=1.1");
    Preallocation preallocation = preallocation(given);
    if (given.text("encrypt.format").equals(Optional.of("luks"))) {
      throw new UsageException("Encrypted images are not supported");
    }
    Geometry geometry =
        new Geometry(
            version,
            Integer.numberOfTrailingZeros(clusterSize),
            Integer.numberOfTrailingZeros(refcountBits),
            extendedL2,
            false);
    return new Measurement(given, geometry).measure(preallocation, source);
  }

  private Measure measure(Preallocation preallocation, Optional<Node> source)
      throws UsageException {
    long size = geometry.roundUp(given.number("size", 0));
    long l2Tables = divideUp(size >>> geometry.clusterBits(), geometry.l2Entries());
    if (l2Tables * Long.BYTES > L1_BYTES_MAX) {
      throw new UsageException("The image size is too large (try using a larger cluster size)");
    }
    long required = 0;
    if (source.isPresent()) {
      long sourceBytes = length(source.get());
      size = geometry.roundUp(sourceBytes);
      // What a backing file and the source have in common is unknown: perhaps nothing.
      required = given.text("backing_file").isPresent() ? size : stored(source.get(), sourceBytes);
    }
    if (preallocation == Preallocation.FULL || preallocation == Preallocation.FALLOC) {
      required = size;
    }
    long full = fullyAllocated(size);
    OptionalLong bitmaps =
        source.isPresent() && geometry.version() >= 3 && storesBitmaps(source.get())
            ? OptionalLong.of(bitmapBytes(source.get()))
            : OptionalLong.empty();
    return new Measure(full - size + required, full, bitmaps);
  }

  private static int version(CreateOptions given) throws UsageException {
    String level = given.text("compat").orElse("1.1");
    return switch (level) {
      case "0.10" -> 2;
      case "1.1" -> 3;
      default -> throw new UsageException("Invalid compatibility level: '" + level + "'");
    };
  }

  private static Preallocation preallocation(CreateOptions given) throws UsageException {
    String mode = given.text("preallocation").orElse("off");
    return Preallocation.named(mode)
        .orElseThrow(() -> new UsageException("invalid parameter value: " + mode));
  }

  private static long length(Node source) throws UsageException {
    try {
      return source.length();
    } catch (BlockIoException e) {
      throw new UsageException("Unable to get image virtual_size: " + e.errno().text());
    }
  }

  /** Bytes of the clusters that hold something other than zeroes. */
  private long stored(Node source, long sourceBytes) throws UsageException {
    long clusters = 0;
    long at = 0;
    while (at < sourceBytes) {
      BlockStatus status = status(source, at, sourceBytes - at);
      long end = at + status.bytes();
      if (!status.zero() && status.data() && status.allocated()) {
        end = geometry.roundUp(end);
        clusters += end - geometry.startOfCluster(at);
      }
      at = end;
    }
    return clusters;
  }

  private static BlockStatus status(Node source, long offset, long bytes) throws UsageException {
    try {
      return BackingChain.status(source, Optional.empty(), offset, bytes).status();
    } catch (BlockIoException e) {
      throw new UsageException("Unable to get block status: " + e.errno().text());
    }
  }

  /** Data and metadata of a disk of that size with everything written. */
  private long fullyAllocated(long size) {
    int clusterSize = geometry.clusterSize();
    long l2Entries = roundUp(size >>> geometry.clusterBits(), geometry.l2Entries());
    long l2Bytes = l2Entries * geometry.l2EntryBytes();
    long l1Bytes =
        roundUp(l2Bytes >>> geometry.clusterBits(), clusterSize / Long.BYTES) * Long.BYTES;
    long counted = clusterSize + l2Bytes + l1Bytes + size;
    RefcountSpace refcounts =
        RefcountSpace.of(
            counted >>> geometry.clusterBits(), clusterSize, geometry.refcountOrder(), false);
    return counted + refcounts.clusters() * clusterSize;
  }

  private static boolean storesBitmaps(Node source) {
    return source.driver() instanceof BitmapStore store && store.storesBitmaps();
  }

  /** What the source's persistent bitmaps would take, all of their data stored. */
  private long bitmapBytes(Node source) {
    long bytes = 0;
    long directory = 0;
    for (DirtyBitmap bitmap : source.bitmaps().all()) {
      if (bitmap.persistent()) {
        long data = divideUp(divideUp(bitmap.size(), bitmap.granularity()), Byte.SIZE);
        long clusters = geometry.clusters(data);
        bytes += clusters * geometry.clusterSize() + geometry.roundUp(clusters * Long.BYTES);
        int name = bitmap.name().getBytes(StandardCharsets.UTF_8).length;
        directory += roundUp(BITMAP_ENTRY_BYTES + name, Long.BYTES);
      }
    }
    return bytes + geometry.roundUp(directory);
  }

  private static long divideUp(long dividend, long divisor) {
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
  }

  private static long roundUp(long value, long unit) {
    return divideUp(value, unit) * unit;
  }
}
