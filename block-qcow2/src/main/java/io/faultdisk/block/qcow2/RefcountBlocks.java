package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The refcount blocks and the table that lists them: finds the block that counts a cluster, makes
 * blocks that are missing, and gives the table more room.
 *
 * <p>A new block needs a cluster that has to be counted itself, if possible in that very block. A
 * new table is put, with new blocks that count it and themselves, behind everything else, so that
 * one write of the header brings all of it into force.
 *
 * <p>Under the metadata lock; each step can be stopped at an event. What was made before a failure
 * stays as it is.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-refcount.c.
 */
final class RefcountBlocks {
  /** Bits of a table entry that are the offset. */
  static final long OFFSET_MASK = -512L;

  /** Entries; only for tables that we make. */
  private static final long TABLE_ENTRIES_MAX = 8 << 20;

  private static final int HEADER_REFCOUNT_TABLE = 48;
  private static final int HEADER_REFCOUNT_TABLE_BYTES = 12;

  private final Metadata metadata;
  private final Refcounts refcounts;

  RefcountBlocks(Metadata metadata, Refcounts refcounts) {
    this.metadata = metadata;
    this.refcounts = refcounts;
  }

  /**
   * A refcount block, held for the caller.
   *
   * @param isNew free clusters have been used for it: whoever was looking for such has to start
   *     again
   */
  record Found(CachedTable block, boolean isNew) {}

  /** Offset of the block that counts a cluster; 0 if there is none. */
  long offset(long clusterIndex) throws BlockIoException {
    long index = index(clusterIndex);
    long[] entries = metadata.refcountTable.entries;
    long offset = index < entries.length ? entries[(int) index] & OFFSET_MASK : 0;
    if (metadata.geometry.offsetIntoCluster(offset) != 0) {
      throw metadata.corruption.found(
          true,
          -1,
          -1,
          "Refblock offset %#x unaligned (reftable index: %s)".formatted(offset, hex(index)));
    }
    return offset;
  }

  /** As C's {@code %#x}, which has no prefix for 0. */
  static String hex(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }

  /** Index in the refcount table. */
  long index(long clusterIndex) {
    return clusterIndex / metadata.geometry.refcountBlockEntries();
  }

  /** Index in the refcount block. */
  int indexInBlock(long clusterIndex) {
    return (int) (clusterIndex & metadata.geometry.refcountBlockEntries() - 1);
  }

  /** Event {@code refblock_alloc}; the block that counts a cluster, made if it is missing. */
  Found getOrMake(long clusterIndex) throws BlockIoException {
    metadata.announce(QemuEvents.REFBLOCK_ALLOC, RequestType.WRITE);
    long existing = offset(clusterIndex);
    if (existing != 0) {
      return new Found(load(existing), false);
    }
    // The table must not come to disk before L2 tables that are written because of it.
    metadata.l2Cache.flush();
    long made = refcounts.findFree(metadata.geometry.clusterSize(), Long.MAX_VALUE);
    if (made == 0) {
      throw metadata.corruption.found(
          true, -1, -1, "Preventing invalid allocation of refcount block at offset 0");
    }
    long tableIndex = index(clusterIndex);
    boolean hooked = false;
    CachedTable block = newBlock(made, clusterIndex);
    try {
      metadata.announce(QemuEvents.REFBLOCK_ALLOC_WRITE, RequestType.WRITE);
      metadata.refcountCache.markDirty(block);
      metadata.refcountCache.flush();
      if (tableIndex < metadata.refcountTable.entries.length) {
        hookUp((int) tableIndex, made);
        hooked = true;
        return new Found(block, true);
      }
    } finally {
      if (!hooked) {
        metadata.refcountCache.release(block);
      }
    }
    growFor(clusterIndex, tableIndex, made);
    return new Found(load(made), true);
  }

  private CachedTable load(long offset) throws BlockIoException {
    metadata.announce(QemuEvents.REFBLOCK_LOAD, RequestType.READ);
    return metadata.refcountCache.get(offset);
  }

  /** An empty block; it counts itself if it lies in the range that it counts. */
  private CachedTable newBlock(long offset, long forCluster) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long ownCluster = offset >>> geometry.clusterBits();
    boolean countsItself = index(ownCluster) == index(forCluster);
    if (!countsItself) {
      if (!refcounts.tryUpdate(offset, geometry.clusterSize(), 1, false, DiscardType.NEVER)) {
        throw new BlockIoException(Errno.EAGAIN);
      }
      metadata.refcountCache.flush();
    }
    CachedTable block = metadata.refcountCache.getEmpty(offset);
    block.zero();
    if (countsItself) {
      RefcountFormat.set(block.content, geometry.refcountOrder(), indexInBlock(ownCluster), 1);
    }
    return block;
  }

  private void hookUp(int tableIndex, long block) throws BlockIoException {
    RefcountTable table = metadata.refcountTable;
    metadata.announce(QemuEvents.REFBLOCK_ALLOC_HOOKUP, RequestType.WRITE);
    ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).putLong(0, block);
    metadata.writeSync(table.offset + (long) tableIndex * Long.BYTES, entry);
    table.entries[tableIndex] = block;
    table.lastUsed = Math.max(table.lastUsed, tableIndex);
  }

  private void growFor(long clusterIndex, long tableIndex, long newBlock) throws BlockIoException {
    metadata.announce(QemuEvents.REFTABLE_GROW, RequestType.WRITE);
    Geometry geometry = metadata.geometry;
    int perBlock = geometry.refcountBlockEntries();
    long used = Math.max(clusterIndex, newBlock >>> geometry.clusterBits()) + 1;
    long blocksUsed = (used + perBlock - 1) / perBlock;
    long start = (blocksUsed * perBlock) << geometry.clusterBits();
    long unused = grow(start, 0, false, tableIndex, newBlock);
    if (unused < start) {
      throw new IllegalStateException("the new refcount table ends before it begins");
    }
  }

  /**
   * Makes a refcount table, and blocks that count it, themselves and {@code additionalClusters}
   * behind them; everything from {@code startOffset} on must be unused. Returns the offset behind
   * table and blocks.
   *
   * @param exactSize false to leave room in the table
   * @param newBlockOffset a block that the new table also lists, at {@code newBlockIndex}; 0 if
   *     there is none
   */
  long grow(
      long startOffset,
      long additionalClusters,
      boolean exactSize,
      long newBlockIndex,
      long newBlockOffset)
      throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long startCluster = startOffset >>> geometry.clusterBits();
    RefcountSpace space =
        RefcountSpace.of(
            startCluster + additionalClusters,
            geometry.clusterSize(),
            geometry.refcountOrder(),
            !exactSize);
    if (space.blocks() > TABLE_ENTRIES_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
    int blocks = (int) space.blocks();
    long size = exactSize ? blocks : blocks + (blocks + 1) / 2;
    long perCluster = geometry.clusterSize() / Long.BYTES;
    size = (size + perCluster - 1) / perCluster * perCluster;
    if (size > TABLE_ENTRIES_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
    RefcountTable old = metadata.refcountTable;
    long[] entries = Arrays.copyOf(old.entries, (int) size);
    if (newBlockOffset != 0) {
      entries[(int) newBlockIndex] = newBlockOffset;
    }
    long tableOffset = startOffset;
    for (int i = (int) index(startCluster); i < blocks; i++) {
      if (entries[i] == 0) {
        tableOffset += geometry.clusterSize();
      }
    }
    long endOffset = tableOffset + size * Long.BYTES;
    makeBlocks(entries, blocks, startOffset, endOffset);

    metadata.announce(QemuEvents.REFBLOCK_ALLOC_WRITE_BLOCKS, RequestType.WRITE);
    metadata.refcountCache.flush();
    metadata.announce(QemuEvents.REFBLOCK_ALLOC_WRITE_TABLE, RequestType.WRITE);
    metadata.writeSync(tableOffset, bytes(entries));
    metadata.announce(QemuEvents.REFBLOCK_ALLOC_SWITCH_TABLE, RequestType.WRITE);
    ByteBuffer fields = ByteBuffer.allocate(HEADER_REFCOUNT_TABLE_BYTES);
    fields.putLong(0, tableOffset).putInt(Long.BYTES, (int) (size / perCluster));
    metadata.writeSync(HEADER_REFCOUNT_TABLE, fields);

    metadata.refcountTable = new RefcountTable(tableOffset, entries);
    refcounts.free(old.offset, (long) old.entries.length * Long.BYTES, DiscardType.OTHER);
    return endOffset;
  }

  static ByteBuffer bytes(long[] entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES);
    bytes.asLongBuffer().put(entries);
    return bytes;
  }

  /** Fills in the blocks that count from the start on, and counts what lies up to the end. */
  private void makeBlocks(long[] entries, int blocks, long start, long end)
      throws BlockIoException {
    Geometry geometry = metadata.geometry;
    TableCache cache = metadata.refcountCache;
    int perBlock = geometry.refcountBlockEntries();
    long firstCluster = start >>> geometry.clusterBits();
    long endCluster = end >>> geometry.clusterBits();
    long nextBlock = start;
    for (int i = (int) index(firstCluster); i < blocks; i++) {
      CachedTable block;
      if (entries[i] != 0) {
        block = cache.get(entries[i]);
      } else {
        block = cache.getEmpty(nextBlock);
        block.zero();
        cache.markDirty(block);
        entries[i] = nextBlock;
        nextBlock += geometry.clusterSize();
      }
      long covered = (long) i * perBlock;
      if (covered < endCluster) {
        int to = (int) Math.min(endCluster - covered, perBlock);
        for (int j = (int) Math.max(firstCluster - covered, 0); j < to; j++) {
          RefcountFormat.set(block.content, geometry.refcountOrder(), j, 1);
        }
        cache.markDirty(block);
      }
      cache.release(block);
    }
  }

  /** Drops blocks that count nothing but themselves from the table, after the image was cut. */
  void shrink() throws BlockIoException {
    RefcountTable table = metadata.refcountTable;
    long[] kept = table.entries.clone();
    for (int i = 0; i < kept.length; i++) {
      long offset = kept[i] & OFFSET_MASK;
      if (offset == 0 || countsNothing(i, offset)) {
        kept[i] = 0;
      }
    }
    @Nullable BlockIoException failure = null;
    try {
      metadata.writeSync(table.offset, bytes(kept));
    } catch (BlockIoException e) {
      // Perhaps the table was written in part: better to forget the blocks than to use them.
      failure = e;
    }
    for (int i = 0; i < kept.length; i++) {
      if (table.entries[i] != 0 && kept[i] == 0) {
        try {
          if (failure == null) {
            dropBlock(table.entries[i] & OFFSET_MASK);
          }
        } catch (BlockIoException e) {
          failure = e;
        }
        table.entries[i] = 0;
      }
    }
    refcounts.endOfOperation(failure == null);
    if (failure != null) {
      throw failure;
    }
  }

  private boolean countsNothing(int tableIndex, long offset) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    CachedTable block = metadata.refcountCache.get(offset);
    try {
      long ownCluster = offset >>> geometry.clusterBits();
      boolean countsItself = index(ownCluster) == tableIndex;
      int order = geometry.refcountOrder();
      for (int i = 0; i < geometry.refcountBlockEntries(); i++) {
        if (RefcountFormat.get(block.content, order, i) != 0
            && !(countsItself && i == indexInBlock(ownCluster))) {
          return false;
        }
      }
      return true;
    } finally {
      metadata.refcountCache.release(block);
    }
  }

  /** Frees the cluster of a block that is no longer listed. */
  private void dropBlock(long offset) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long cluster = offset >>> geometry.clusterBits();
    long covering = offset(cluster);
    if (covering == 0) {
      throw metadata.corruption.found(
          true,
          -1,
          -1,
          "Refblock at %#x is not covered by the refcount structures".formatted(offset));
    }
    CachedTable block = metadata.refcountCache.get(covering);
    try {
      int order = geometry.refcountOrder();
      int index = indexInBlock(cluster);
      long count = RefcountFormat.get(block.content, order, index);
      if (count != 1) {
        BlockIoException reported =
            metadata.corruption.found(
                true,
                -1,
                -1,
                "Invalid refcount: refblock offset %#x, reftable index %d, block offset %#x,"
                        .formatted(covering, index(cluster), offset)
                    + " refcount "
                    + hex(count));
        throw new BlockIoException(Errno.EINVAL, reported.reason());
      }
      RefcountFormat.set(block.content, order, index, 0);
      metadata.refcountCache.markDirty(block);
    } finally {
      metadata.refcountCache.release(block);
    }
    refcounts.freed(offset, cluster);
  }
}
