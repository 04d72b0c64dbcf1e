package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.Amendable.Progress;

/**
 * From version 2 to 3 (without the metadata lock, since a rewritten snapshot table is flushed) and
 * back (under the lock).
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class VersionChange {
  /** Bytes of extra data that version 3 wants of a snapshot: VM state size and disk size. */
  private static final int SNAPSHOT_EXTRA = 16;

  /** The only refcount width of version 2. */
  private static final int REFCOUNT_ORDER_16 = 4;

  private static final long VM_STATE_MAX = 0xffffffffL;

  private VersionChange() {}

  /** Version 3: snapshots get the extra data that it wants. */
  static void upgrade(Metadata metadata, Progress progress) throws UsageException {
    progress.at(0, 2);
    boolean rewrite =
        metadata.snapshots.entries().stream()
            .anyMatch(snapshot -> snapshot.extraBytes() < SNAPSHOT_EXTRA);
    if (rewrite) {
      try {
        metadata.snapshots.rewrite();
      } catch (BlockIoException e) {
        throw failed("Failed to update the snapshot table", e);
      }
    }
    progress.at(1, 2);
    writeHeader(metadata, metadata.header.change().version(3).build());
    metadata.geometry = withVersion(metadata.geometry, 3);
    progress.at(2, 2);
  }

  /** Version 2: whatever it cannot express must go. */
  static void downgrade(Metadata metadata, Progress progress) throws UsageException {
    if (metadata.geometry.refcountOrder() != REFCOUNT_ORDER_16) {
      throw new UsageException("compat=0.10 requires refcount_bits=16");
    }
    if (metadata.externalData()) {
      throw new UsageException("Cannot downgrade an image with a data file");
    }
    requireSimpleSnapshots(metadata);
    if (metadata.header.isDirty()) {
      makeClean(metadata);
    }
    long left = metadata.header.incompatible() & ~Features.INCOMPATIBLE_COMPRESSION;
    if (left != 0) {
      throw new UsageException(
          "Cannot downgrade an image with incompatible features 0x"
              + Long.toHexString(left)
              + " set");
    }
    // In force even if the rest fails, as in QEMU.
    metadata.header = metadata.header.change().compatible(0).autoclear(0).build();
    try {
      new ClusterDrop(metadata).expandZeroClusters(progress::at);
    } catch (BlockIoException e) {
      throw failed("Failed to turn zero into data clusters", e);
    }
    if ((metadata.header.incompatible() & Features.INCOMPATIBLE_COMPRESSION) != 0) {
      requireNothingCompressed(metadata);
      metadata.header =
          metadata.header.change().incompatible(0).compression(Header.COMPRESSION_ZLIB).build();
    }
    writeHeader(metadata, metadata.header.change().version(2).build());
    metadata.geometry = withVersion(metadata.geometry, 2);
  }

  private static void requireSimpleSnapshots(Metadata metadata) throws UsageException {
    long diskBytes = metadata.header.fileSize() & -512;
    for (SnapshotTable.Entry snapshot : metadata.snapshots.entries()) {
      if (Long.compareUnsigned(snapshot.info().vmStateSize(), VM_STATE_MAX) > 0
          || snapshot.diskSize() != diskBytes) {
        throw new UsageException("Internal snapshots prevent downgrade of image");
      }
    }
  }

  private static void requireNothingCompressed(Metadata metadata) throws UsageException {
    ClusterMap map = new ClusterMap(metadata);
    long bytes = metadata.header.fileSize() & -512;
    long offset = 0;
    while (bytes > 0) {
      ClusterMap.Stretch stretch;
      try {
        stretch = map.find(offset, Math.min(bytes, Integer.MAX_VALUE));
      } catch (BlockIoException e) {
        throw new UsageException("Failed to check block status");
      }
      if (stretch.type() == ClusterMap.Type.COMPRESSED) {
        throw new UsageException(
            "Cannot downgrade an image with zstd compression type and existing compressed"
                + " clusters");
      }
      offset += stretch.bytes();
      bytes -= stretch.bytes();
    }
  }

  private static Geometry withVersion(Geometry geometry, int version) {
    return new Geometry(
        version,
        geometry.clusterBits(),
        geometry.refcountOrder(),
        geometry.extendedL2(),
        geometry.externalData());
  }

  static void makeClean(Metadata metadata) throws UsageException {
    try {
      metadata.markClean();
    } catch (BlockIoException e) {
      throw failed("Failed to make the image clean", e);
    }
  }

  static void writeHeader(Metadata metadata, Header header) throws UsageException {
    try {
      metadata.writeHeader(header);
    } catch (BlockIoException e) {
      throw failed("Failed to update the image header", e);
    }
  }

  private static UsageException failed(String what, BlockIoException e) {
    return new UsageException(what + ": " + e.errno().text());
  }
}
