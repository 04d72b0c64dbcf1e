package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.bitmap.DirtyBitmap;
import java.nio.ByteBuffer;

/**
 * Bitmap tables and the bits that they refer to.
 *
 * <p>A table has one 64-bit word per cluster of bits: the offset of that cluster, or 0 if all its
 * bits are clear, or 1 if all are set.
 *
 * <p>The caller holds the metadata lock, or is the only user of the image (open, close, reopen).
 */
final class BitmapTable {
  private static final long RESERVED = 0xff000000000001feL;
  private static final long OFFSET_MASK = 0x00fffffffffffe00L;
  private static final long ALL_ONES = 1;

  private final Metadata metadata;

  BitmapTable(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Told which parts of the image file bitmaps take. */
  interface References {
    void range(long offset, long bytes) throws BlockIoException;

    /** The directory or a table makes no sense; the report ends with an error. */
    void corrupt();
  }

  /** Reads a table; EINVAL if an entry makes no sense. */
  private long[] read(long offset, int entries) throws BlockIoException {
    ByteBuffer buffer = ByteBuffer.allocate(entries * Long.BYTES);
    metadata.file.read(offset, buffer);
    long[] table = new long[entries];
    buffer.flip().asLongBuffer().get(table);
    for (long entry : table) {
      check(entry);
    }
    return table;
  }

  private void check(long entry) throws BlockIoException {
    long offset = entry & OFFSET_MASK;
    boolean misplaced =
        offset != 0
            && ((entry & ALL_ONES) != 0 || metadata.geometry.offsetIntoCluster(offset) != 0);
    if ((entry & RESERVED) != 0 || misplaced) {
      throw new BlockIoException(Errno.EINVAL);
    }
  }

  /** Reports the table and all clusters of bits. */
  void references(BitmapEntry entry, References references) throws BlockIoException {
    references.range(entry.tableOffset, (long) entry.tableEntries * Long.BYTES);
    long[] table;
    try {
      table = read(entry.tableOffset, entry.tableEntries);
    } catch (BlockIoException e) {
      references.corrupt();
      throw e;
    }
    for (long word : table) {
      if ((word & OFFSET_MASK) != 0) {
        references.range(word & OFFSET_MASK, metadata.geometry.clusterSize());
      }
    }
  }

  /**
   * Reads the bits of a stored bitmap.
   *
   * @param bitmap with nothing dirty yet
   */
  void load(BitmapEntry entry, DirtyBitmap bitmap) throws UsageException {
    long[] table;
    try {
      table = read(entry.tableOffset, entry.tableEntries);
    } catch (BlockIoException e) {
      throw new UsageException(
          "Could not read bitmap_table table from image for bitmap '"
              + entry.name()
              + "': "
              + e.errno().text());
    }
    try {
      loadBits(table, bitmap);
    } catch (BlockIoException e) {
      throw new UsageException(
          "Could not read bitmap '" + entry.name() + "' from image: " + e.errno().text());
    }
  }

  private void loadBits(long[] table, DirtyBitmap bitmap) throws BlockIoException {
    int clusterSize = metadata.geometry.clusterSize();
    if (metadata.geometry.clusters(bitmap.serialisedBytes()) != table.length) {
      throw new BlockIoException(Errno.EINVAL);
    }
    for (int i = 0; i < table.length; i++) {
      long at = (long) i * clusterSize;
      long offset = table[i] & OFFSET_MASK;
      if (offset != 0) {
        ByteBuffer bits = ByteBuffer.allocate(clusterSize);
        metadata.file.read(offset, bits);
        bitmap.deserialise(at, bits.flip());
      } else if ((table[i] & ALL_ONES) != 0) {
        bitmap.deserialiseOnes(at, clusterSize);
      }
    }
  }

  /** Writes all bits and a new table; the entry then refers to it. What was written is undone. */
  void store(BitmapEntry entry, DirtyBitmap bitmap) throws UsageException {
    String name = bitmap.name();
    long[] table = storeBits(bitmap);
    long bytes = (long) table.length * Long.BYTES;
    long offset;
    try {
      offset = metadata.refcounts.allocate(bytes);
    } catch (BlockIoException e) {
      freeBits(table);
      throw allocationFailed(name, e);
    }
    try {
      writeTable(name, table, offset);
    } catch (UsageException e) {
      freeBits(table);
      metadata.refcounts.free(offset, bytes, DiscardType.OTHER);
      throw e;
    }
    entry.tableOffset = offset;
    entry.tableEntries = table.length;
  }

  private void writeTable(String name, long[] table, long offset) throws UsageException {
    ByteBuffer buffer = ByteBuffer.allocate(table.length * Long.BYTES);
    buffer.asLongBuffer().put(table);
    checkOverlap(offset, buffer.remaining());
    try {
      metadata.file.write(offset, buffer, 0);
    } catch (BlockIoException e) {
      throw writeFailed(name, e);
    }
  }

  private long[] storeBits(DirtyBitmap bitmap) throws UsageException {
    int clusterSize = metadata.geometry.clusterSize();
    long clusters = metadata.geometry.clusters(bitmap.serialisedBytes());
    if (clusters > BitmapEntry.TABLE_MAX || clusters * clusterSize > BitmapEntry.DATA_MAX) {
      throw new UsageException("Bitmap '" + bitmap.name() + "' is too big");
    }
    if (clusters == 0) {
      throw new UsageException("No memory"); // what QEMU says to a disk of no length
    }
    long[] table = new long[(int) clusters];
    for (long at = bitmap.nextSerialised(0); at >= 0; ) {
      int cluster = (int) (at / clusterSize);
      try {
        table[cluster] = metadata.refcounts.allocate(clusterSize);
        writeBits(bitmap, cluster, table[cluster]);
      } catch (BlockIoException e) {
        freeBits(table);
        throw allocationFailed(bitmap.name(), e);
      } catch (UsageException e) {
        freeBits(table);
        throw e;
      }
      at = bitmap.nextSerialised((cluster + 1L) * clusterSize);
    }
    return table;
  }

  private void writeBits(DirtyBitmap bitmap, int cluster, long offset) throws UsageException {
    int clusterSize = metadata.geometry.clusterSize();
    ByteBuffer bits = ByteBuffer.allocate(clusterSize);
    bitmap.serialise((long) cluster * clusterSize, bits);
    checkOverlap(offset, clusterSize);
    try {
      metadata.file.write(offset, bits.clear(), 0);
    } catch (BlockIoException e) {
      throw writeFailed(bitmap.name(), e);
    }
  }

  private void checkOverlap(long offset, long bytes) throws UsageException {
    try {
      metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes, false);
    } catch (BlockIoException e) {
      throw new UsageException("Qcow2 overlap check failed: " + e.errno().text());
    }
  }

  private static UsageException allocationFailed(String name, BlockIoException e) {
    return new UsageException(
        "Failed to allocate clusters for bitmap '" + name + "': " + e.errno().text());
  }

  private static UsageException writeFailed(String name, BlockIoException e) {
    return new UsageException("Failed to write bitmap '" + name + "' to file: " + e.errno().text());
  }

  private void freeBits(long[] table) {
    for (long word : table) {
      long offset = word & OFFSET_MASK;
      if (offset != 0) {
        metadata.refcounts.free(offset, metadata.geometry.clusterSize(), DiscardType.ALWAYS);
      }
    }
  }

  /** Frees a table and the bits it refers to; if it cannot be read, all of that leaks. */
  void free(long offset, int entries) {
    long[] table;
    try {
      table = read(offset, entries);
    } catch (BlockIoException e) {
      return;
    }
    freeBits(table);
    metadata.refcounts.free(offset, (long) entries * Long.BYTES, DiscardType.OTHER);
  }
}
