package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.Amendable.Progress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Changes how many bits a refcount has: a second refcount structure is made beside the one in use,
 * which then takes over with one write of the header.
 *
 * <pre>
 *   walk over all refcounts, allocating a new block for each part that is not all 0; a new table
 *   ... again, until a walk allocates nothing: the new structure is counted by the old one, too
 *   walk once more, now writing the new blocks
 *   write the new table, then the refcount cache, then the header
 *   free the old blocks and the old table (after an error: the new ones)
 * </pre>
 *
 * <p>For one change, under the metadata lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-refcount.c.
 */
final class RefcountWidth {
  private static final long OFFSET_MASK = 0xfffffffffffffe00L;

  /** Largest refcount table, in bytes. */
  private static final int TABLE_BYTES_MAX = 8 << 20;

  private final Metadata metadata;
  private final int newOrder;
  private final int newBlockEntries;
  private final Progress progress;
  private long[] newTable = new long[0];
  private long newTableOffset;

  /** Entries of the new table when it got its place; it may have grown since. */
  private int placedEntries;

  private boolean allocated;

  private RefcountWidth(Metadata metadata, int newOrder, Progress progress) {
    this.metadata = metadata;
    this.newOrder = newOrder;
    this.newBlockEntries = (metadata.geometry.clusterSize() * Byte.SIZE) >> newOrder;
    this.progress = progress;
  }

  /** What is done with a part of the refcounts that fills one new block. */
  private interface BlockAction {
    void done(int newTableIndex, ByteBuffer newBlock, boolean empty) throws UsageException;
  }

  /**
   * Changes the width to {@code 1 << order} bits.
   *
   * @throws UsageException with the text for the user; the image is as it was, apart from leaks
   */
  static void change(Metadata metadata, int order, Progress progress) throws UsageException {
    RefcountWidth change = new RefcountWidth(metadata, order, progress);
    try {
      change.build();
      change.putInForce();
    } catch (UsageException e) {
      change.free(change.newTable, change.newTableOffset);
      throw e;
    }
  }

  private void build() throws UsageException {
    int walk = 0;
    do {
      allocated = false;
      int walks = Math.max(walk + 2, 3);
      walk(walk, walks, false, (index, block, empty) -> allocateBlock(index, empty));
      walk++;
      if (allocated) {
        placeTable();
      }
    } while (allocated);
    walk(walk, walk + 1, true, this::writeBlock);
    writeTable();
    try {
      metadata.refcountCache.flush();
    } catch (BlockIoException e) {
      throw failed("Failed to flush the refblock cache", e);
    }
  }

  private static UsageException failed(String what, BlockIoException e) {
    return new UsageException(what + ": " + e.errno().text());
  }

  /**
   * Goes over all refcounts.
   *
   * @param walk number of this walk, of {@code walks} in all, for the progress
   * @param fill whether new blocks are filled; otherwise only their being empty counts
   */
  private void walk(int walk, int walks, boolean fill, BlockAction action) throws UsageException {
    NewBlock block = new NewBlock(fill, action);
    // The table may grow while we walk over it.
    for (int i = 0; i < metadata.refcountTable.entries.length; i++) {
      long size = metadata.refcountTable.entries.length;
      progress.at(walk * size + i, walks * size);
      long offset = metadata.refcountTable.entries[i] & OFFSET_MASK;
      if (offset == 0) {
        block.addZeroes(metadata.geometry.refcountBlockEntries());
      } else {
        walkBlock(i, offset, block);
      }
    }
    block.finish();
    long size = metadata.refcountTable.entries.length;
    progress.at((walk + 1) * size, walks * size);
  }

  private void walkBlock(int tableIndex, long offset, NewBlock target) throws UsageException {
    Geometry geometry = metadata.geometry;
    if (geometry.offsetIntoCluster(offset) != 0) {
      metadata.corruption.found(
          true,
          -1,
          -1,
          String.format(
              "Refblock offset %#x unaligned (reftable index: %s)", offset, hex(tableIndex)));
      throw new UsageException("Image is corrupt (unaligned refblock offset)");
    }
    CachedTable block;
    try {
      block = metadata.refcountCache.get(offset);
    } catch (BlockIoException e) {
      throw failed("Failed to retrieve refblock", e);
    }
    try {
      int entries = geometry.refcountBlockEntries();
      for (int i = 0; i < entries; i++) {
        target.finishIfFull();
        long count = RefcountFormat.get(block.content, geometry.refcountOrder(), i);
        if (newOrder < 6 && count >>> (1 << newOrder) != 0) {
          throw tooLarge(((long) tableIndex * entries + i) << geometry.clusterBits(), count);
        }
        target.put(count);
      }
    } finally {
      metadata.refcountCache.release(block);
    }
  }

  private UsageException tooLarge(long offset, long count) {
    return new UsageException(
        "Cannot decrease refcount entry width to "
            + (1 << newOrder)
            + " bits: Cluster at offset "
            + hex(offset)
            + " has a refcount of "
            + Long.toUnsignedString(count));
  }

  /** As C's {@code %#x}: 0 has no prefix. */
  private static String hex(long value) {
    return value == 0 ? "0" : "0x" + Long.toHexString(value);
  }

  /** The new block that is being filled; what was not put is 0. */
  private final class NewBlock {
    private final BlockAction action;
    private final ByteBuffer content;
    private final boolean fill;
    private int tableIndex;
    private int entries;
    private boolean empty = true;

    NewBlock(boolean fill, BlockAction action) {
      this.fill = fill;
      this.action = action;
      this.content = ByteBuffer.allocate(fill ? metadata.geometry.clusterSize() : 0);
    }

    /** Adds many at once: most of the table is unused. */
    void addZeroes(int count) throws UsageException {
      int left = count;
      while (left > 0) {
        finishIfFull();
        int some = Math.min(left, newBlockEntries - entries);
        entries += some;
        left -= some;
      }
    }

    void put(long count) {
      if (count != 0) {
        empty = false;
        if (fill) {
          RefcountFormat.set(content, newOrder, entries, count);
        }
      }
      entries++;
    }

    void finishIfFull() throws UsageException {
      if (entries == newBlockEntries) {
        complete();
      }
    }

    /** Completes the last block, its rest being 0. */
    void finish() throws UsageException {
      if (entries > 0) {
        complete();
      }
    }

    private void complete() throws UsageException {
      action.done(tableIndex, content.duplicate().clear(), empty);
      tableIndex++;
      entries = 0;
      if (!empty) {
        empty = true;
        Arrays.fill(content.array(), (byte) 0);
      }
    }
  }

  private void allocateBlock(int index, boolean empty) throws UsageException {
    if (empty) {
      return;
    }
    if (index >= newTable.length) {
      int perCluster = metadata.geometry.clusterSize() / Long.BYTES;
      long size = Math.ceilDiv(index + 1L, perCluster) * perCluster;
      if (size > TABLE_BYTES_MAX / Long.BYTES) {
        throw new UsageException(
            "This operation would make the refcount table grow beyond the maximum size supported"
                + " by QEMU, aborting");
      }
      newTable = Arrays.copyOf(newTable, (int) size);
    }
    if (newTable[index] == 0) {
      try {
        newTable[index] = metadata.refcounts.allocate(metadata.geometry.clusterSize());
      } catch (BlockIoException e) {
        throw failed("Failed to allocate refblock", e);
      }
      allocated = true;
    }
  }

  private void placeTable() throws UsageException {
    if (newTableOffset != 0) {
      long bytes = (long) placedEntries * Long.BYTES;
      long old = newTableOffset;
      newTableOffset = 0;
      metadata.refcounts.free(old, bytes, DiscardType.NEVER);
    }
    try {
      newTableOffset = metadata.refcounts.allocate((long) newTable.length * Long.BYTES);
    } catch (BlockIoException e) {
      throw failed("Failed to allocate the new reftable", e);
    }
    placedEntries = newTable.length;
  }

  private void writeBlock(int index, ByteBuffer block, boolean empty) throws UsageException {
    if (index >= newTable.length || newTable[index] == 0) {
      if (!empty) {
        throw new IllegalStateException("refcounts without a block, at table entry " + index);
      }
      return;
    }
    checkOverlap(newTable[index], block.remaining());
    try {
      metadata.file.write(newTable[index], block, 0);
    } catch (BlockIoException e) {
      throw failed("Failed to write refblock", e);
    }
  }

  private void checkOverlap(long offset, long bytes) throws UsageException {
    try {
      metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes, false);
    } catch (BlockIoException e) {
      throw failed("Overlap check failed", e);
    }
  }

  private void writeTable() throws UsageException {
    ByteBuffer table = ByteBuffer.allocate(newTable.length * Long.BYTES);
    table.asLongBuffer().put(newTable);
    checkOverlap(newTableOffset, table.remaining());
    try {
      metadata.file.write(newTableOffset, table, 0);
    } catch (BlockIoException e) {
      throw failed("Failed to write the new reftable", e);
    }
  }

  private void putInForce() throws UsageException {
    Geometry geometry = metadata.geometry;
    int clusters = (int) geometry.clusters((long) newTable.length * Long.BYTES);
    Header next =
        metadata
            .header
            .change()
            .refcountOrder(newOrder)
            .refcountTable(newTableOffset, clusters)
            .build();
    RefcountTable table = metadata.refcountTable;
    long[] oldTable = table.entries;
    long oldOffset = table.offset;
    table.offset = newTableOffset;
    table.entries = newTable;
    try {
      metadata.writeHeader(next);
    } catch (BlockIoException e) {
      table.offset = oldOffset;
      table.entries = oldTable;
      throw failed("Failed to update the qcow2 header", e);
    }
    metadata.geometry =
        new Geometry(
            geometry.version(),
            geometry.clusterBits(),
            newOrder,
            geometry.extendedL2(),
            geometry.externalData());
    table.findLastUsed();
    free(oldTable, oldOffset);
  }

  /** Frees all blocks of a table, and the table itself if it has a place. */
  private void free(long[] table, long offset) {
    for (long entry : table) {
      if ((entry & OFFSET_MASK) != 0) {
        metadata.refcounts.free(
            entry & OFFSET_MASK, metadata.geometry.clusterSize(), DiscardType.OTHER);
      }
    }
    if (offset > 0 && table.length > 0) {
      metadata.refcounts.free(offset, (long) table.length * Long.BYTES, DiscardType.OTHER);
    }
  }
}
