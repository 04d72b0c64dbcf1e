package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;

/**
 * Drops everything that an image holds, so that its backing file shows through.
 *
 * <p>Where nothing else is kept in the file it is laid out anew, which takes a fixed number of
 * writes:
 *
 * <pre>
 *   cluster 0  header            cluster 2   refcount block
 *   cluster 1  refcount table    cluster 3.. L1 table
 * </pre>
 *
 * <p>The dirty bit is set meanwhile, since refcounts are wrong until the end; a failure on the way
 * closes the image to further requests. Otherwise every cluster is discarded.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class MakeEmpty {
  private static final int L1_OFFSET_FIELD = 40;

  private final Metadata metadata;
  private final ClusterDrop drop;

  MakeEmpty(Metadata metadata) {
    this.metadata = metadata;
    this.drop = new ClusterDrop(metadata);
  }

  /** Takes no lock: as in QEMU nothing else may be going on in the image. */
  void run() throws BlockIoException {
    if (canStartOver()) {
      startOver();
    } else {
      discardAll();
    }
  }

  private boolean canStartOver() {
    Header header = metadata.header;
    return header.version() >= 3
        && header.snapshotCount() == 0
        && header.bitmaps().isEmpty()
        && 3 + l1Clusters() <= metadata.geometry.refcountBlockEntries()
        && !metadata.externalData();
  }

  private long l1Clusters() {
    return metadata.geometry.clusters((long) metadata.l1.size() * Long.BYTES);
  }

  private void discardAll() throws BlockIoException {
    long end = metadata.header.fileSize() & -512;
    long step = metadata.geometry.startOfCluster(Integer.MAX_VALUE);
    for (long at = 0; at < end; at += step) {
      drop.discard(at, Math.min(step, end - at), DiscardType.SNAPSHOT, true);
    }
  }

  private void startOver() throws BlockIoException {
    metadata.l2Cache.empty();
    metadata.refcountCache.empty();
    metadata.markDirty();
    try {
      layOut();
    } catch (BlockIoException e) {
      // What is in memory and what is in the file no longer belong together.
      metadata.dead = true;
      throw e;
    }
    metadata.markClean();
    long end = (3 + l1Clusters()) << metadata.geometry.clusterBits();
    try {
      metadata.file.truncate(end, false, Preallocation.OFF);
    } catch (BlockIoException e) {
      metadata.errors.accept(e.reason());
      throw e;
    }
  }

  private void layOut() throws BlockIoException {
    int cluster = metadata.geometry.clusterSize();
    long l1Clusters = l1Clusters();
    int l1Entries = metadata.l1.size();
    metadata.announce(QemuEvents.L1_UPDATE, RequestType.WRITE);
    metadata.file.writeZeroes(metadata.l1.offset(), l1Clusters * cluster, 0);
    for (int i = 0; i < l1Entries; i++) {
      metadata.l1.set(i, 0);
    }

    metadata.announce(QemuEvents.EMPTY_IMAGE_PREPARE, RequestType.WRITE);
    metadata.file.writeZeroes(cluster, (2 + l1Clusters) * cluster, 0);

    metadata.announce(QemuEvents.L1_UPDATE, RequestType.WRITE);
    metadata.announce(QemuEvents.REFTABLE_UPDATE, RequestType.WRITE);
    long l1Offset = 3L * cluster;
    ByteBuffer fields = ByteBuffer.allocateDirect(2 * Long.BYTES + Integer.BYTES);
    fields.putLong(l1Offset).putLong(cluster).putInt(1).flip();
    metadata.writeSync(L1_OFFSET_FIELD, fields);
    metadata.l1.replace(l1Offset, new long[l1Entries]);
    metadata.header =
        metadata.header.change().l1Table(l1Offset, l1Entries).refcountTable(cluster, 1).build();
    metadata.refcountTable = new RefcountTable(cluster, new long[cluster / Long.BYTES]);

    metadata.announce(QemuEvents.REFBLOCK_ALLOC, RequestType.WRITE);
    ByteBuffer entry = ByteBuffer.allocateDirect(Long.BYTES).putLong(0, 2L * cluster);
    metadata.writeSync(cluster, entry);
    metadata.refcountTable.entries[0] = 2L * cluster;

    metadata.refcounts.firstFree(0);
    long first = metadata.refcounts.allocate(3L * cluster + (long) l1Entries * Long.BYTES);
    if (first != 0) {
      throw new IllegalStateException("the first cluster of an emptied image is in use");
    }
  }
}
