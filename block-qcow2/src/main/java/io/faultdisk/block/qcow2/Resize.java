package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import java.nio.ByteBuffer;

/**
 * Changes the size of the disk. One run of it changes one size; all of it under the metadata lock,
 * with the exceptions that the cluster writer makes.
 *
 * <p>Shrinking drops what lies behind the new end and gives the end of the file back. Growing makes
 * room in the L1 table, and with preallocation clusters for everything that is new. The size in the
 * header is written last.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Resize {
  private static final int SECTOR = 512;
  private static final int SIZE_FIELD = 24;

  private final Metadata metadata;
  private final ClusterWriter writer;
  private final ClusterDrop drop;
  private final DataPath data;

  Resize(Metadata metadata, DataPath data) {
    this.metadata = metadata;
    this.writer = new ClusterWriter(metadata);
    this.drop = new ClusterDrop(metadata);
    this.data = data;
  }

  /**
   * Changes the size.
   *
   * @param size in bytes
   * @param exact false if an external data file may become longer than that
   * @param zeroed what is new must read as zero although a backing file has content there
   * @throws BlockIoException the reason says in words what went wrong
   */
  void run(long size, boolean exact, Preallocation preallocation, boolean zeroed)
      throws BlockIoException {
    if (size % SECTOR != 0) {
      throw new BlockIoException(Errno.EINVAL, "The new size must be a multiple of " + SECTOR);
    }
    metadata.lock.lock();
    try {
      locked(size, exact, preallocation, zeroed);
    } finally {
      metadata.lock.unlock();
    }
  }

  private void locked(long size, boolean exact, Preallocation preallocation, boolean zeroed)
      throws BlockIoException {
    if (metadata.header.snapshotCount() > 0 && metadata.header.version() < 3) {
      throw new BlockIoException(Errno.ENOTSUP, "Can't resize a v2 image which has snapshots");
    }
    metadata.bitmaps.requireResizable();
    long old = metadata.header.fileSize() & -SECTOR;
    Preallocation mode = preallocation;
    if (size < old) {
      if (mode != Preallocation.OFF) {
        throw new BlockIoException(
            Errno.EINVAL, "Preallocation can't be used for shrinking an image");
      }
      shrink(old, size);
    } else {
      step("Failed to grow the L1 table", () -> metadata.l1.grow(l1Entries(size), true));
      if (metadata.header.dataFileRaw() && mode == Preallocation.OFF) {
        // The tables say the same as the raw data file, for the new part as well.
        mode = Preallocation.METADATA;
      }
    }
    boolean isZero = preallocate(old, size, exact, mode, zeroed);
    if (zeroed && !isZero && size > old) {
      zero(old, size);
    }
    if (mode != Preallocation.OFF) {
      step("Failed to flush the preallocated area to disk", () -> metadata.refcounts.writeCaches());
    }
    writeSize(size);
    metadata.adaptCaches();
  }

  private long l1Entries(long size) {
    return metadata.geometry.l1EntriesFor(size);
  }

  private void writeSize(long size) throws BlockIoException {
    metadata.header = metadata.header.change().fileSize(size).build();
    ByteBuffer field = ByteBuffer.allocateDirect(Long.BYTES).putLong(0, size);
    step("Failed to update the image size", () -> metadata.writeSync(SIZE_FIELD, field));
  }

  private void shrink(long old, long size) throws BlockIoException {
    long start = metadata.geometry.roundUp(size);
    step(
        "Failed to discard cropped clusters",
        () -> {
          if (start < old) {
            drop.discard(start, old - start, DiscardType.ALWAYS, true);
          }
        });
    step("Failed to reduce the number of L2 tables", () -> metadata.l1.shrink(l1Entries(size)));
    step("Failed to discard unused refblocks", () -> metadata.refcounts.shrinkTable());
    long fileBytes = fileLength();
    long end = endOfFile(fileBytes);
    if (end < fileBytes) {
      cutFile(end);
    }
  }

  /** Not worth a failure: the image is good without it. */
  private void cutFile(long end) {
    try {
      metadata.file.truncate(end, false, Preallocation.OFF);
    } catch (BlockIoException e) {
      metadata.errors.accept("warning: Failed to truncate the tail of the image: " + e.reason());
    }
  }

  private long fileLength() throws BlockIoException {
    try {
      return metadata.file.length();
    } catch (BlockIoException e) {
      throw failed(e, "Failed to inquire current file length");
    }
  }

  /** Where the last cluster in use ends. */
  private long endOfFile(long fileBytes) throws BlockIoException {
    try {
      return (metadata.refcounts.lastCluster(fileBytes) + 1) << metadata.geometry.clusterBits();
    } catch (BlockIoException e) {
      throw failed(e, "Failed to find the last cluster");
    }
  }

  /** Returns whether what is new already reads as zero, if that was asked for. */
  private boolean preallocate(
      long old, long size, boolean exact, Preallocation mode, boolean zeroed)
      throws BlockIoException {
    boolean external = metadata.externalData();
    switch (mode) {
      case OFF -> {
        if (external) {
          metadata.dataFile.truncate(size, exact, mode);
        }
      }
      case METADATA -> mapAll(old, size, Preallocation.OFF);
      case FALLOC, FULL -> {
        if (external) {
          mapAll(old, size, mode);
        } else {
          return reserve(old, size, mode, zeroed);
        }
      }
    }
    return false;
  }

  /** Maps everything that is new to clusters, and has the data file reach to the last of them. */
  private void mapAll(long old, long size, Preallocation fileMode) throws BlockIoException {
    if (size == old) {
      return;
    }
    long end = writer.preallocate(old, size - old);
    long fileBytes;
    try {
      fileBytes = metadata.dataFile.length();
    } catch (BlockIoException e) {
      throw failed(e, "Could not get file size");
    }
    if (end > fileBytes) {
      metadata.dataFile.truncate(end, false, fileMode);
    }
  }

  /**
   * Appends one run of clusters to the file for everything that is new, behind refcount blocks that
   * are large enough for them, and maps it.
   */
  private boolean reserve(long old, long size, Preallocation mode, boolean zeroed)
      throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long clusters =
        (geometry.roundUp(size) - geometry.startOfCluster(old)) >> geometry.clusterBits();
    long start = countReserved(clusters);
    long end = start + (clusters << geometry.clusterBits());
    boolean isZero;
    try {
      isZero = extendFile(end, mode, zeroed);
    } catch (BlockIoException e) {
      metadata.refcounts.free(start, end - start, DiscardType.OTHER);
      throw new BlockIoException(e.errno(), "Failed to resize underlying file: " + e.reason());
    }
    map(old, start, clusters, isZero);
    return isZero;
  }

  /** Grows the refcount structures and counts the clusters; returns where they begin. */
  private long countReserved(long clusters) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long fileBytes = fileLength();
    long fileEnd;
    try {
      fileEnd = (metadata.refcounts.lastCluster(fileBytes) + 1) << geometry.clusterBits();
    } catch (BlockIoException e) {
      fileEnd = geometry.roundUp(fileBytes);
    }
    // Not where L2 tables will be, only how many at most: none of them must need a new block later.
    long l2Tables = divideUp(clusters, geometry.l2Entries()) + 1;
    long start;
    try {
      start = metadata.refcounts.growTable(fileEnd, clusters + l2Tables, true, 0, 0);
    } catch (BlockIoException e) {
      throw failed(e, "Failed to resize refcount structures");
    }
    long allocated;
    try {
      allocated = metadata.refcounts.allocateAt(start, clusters);
    } catch (BlockIoException e) {
      throw failed(e, "Failed to allocate data clusters");
    }
    if (allocated != clusters) {
      // Nothing is there: leaks, or worse. We give back what we have and leave them to a check.
      if (allocated > 0) {
        metadata.refcounts.free(start, allocated << geometry.clusterBits(), DiscardType.NEVER);
      }
      throw new BlockIoException(
          Errno.EIO,
          "Failed to allocate data clusters: clusters behind the end of the file are counted as in"
              + " use; check -r leaks can free them");
    }
    return start;
  }

  private boolean extendFile(long end, Preallocation mode, boolean zeroed) throws BlockIoException {
    if (zeroed) {
      try {
        metadata.file.truncateZeroed(end, false, mode);
        return true;
      } catch (BlockIoException e) {
        // Then without: the zeroes are put into the tables.
      }
    }
    metadata.file.truncate(end, false, mode);
    return false;
  }

  private void map(long old, long start, long clusters, boolean isZero) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    int perSlice = metadata.l2Cache.tableBytes() / geometry.l2EntryBytes();
    long left = clusters;
    long host = start;
    long guest = old;
    while (left > 0) {
      int cowBytes = (int) geometry.offsetIntoCluster(guest);
      guest = geometry.startOfCluster(guest);
      int index = (int) (guest >>> geometry.clusterBits()) & perSlice - 1;
      int run = (int) Math.min(left, perSlice - index);
      try {
        writer.link(guest, host, run, cowBytes, !isZero);
      } catch (BlockIoException e) {
        metadata.refcounts.free(host, left << geometry.clusterBits(), DiscardType.OTHER);
        throw failed(e, "Failed to update L2 tables");
      }
      guest += (long) run << geometry.clusterBits();
      host += (long) run << geometry.clusterBits();
      left -= run;
    }
  }

  /** Zero clusters where that is possible; the rest of the old last subcluster is written. */
  private void zero(long old, long size) throws BlockIoException {
    int subcluster = metadata.geometry.subclusterSize();
    long start = old + subcluster - 1 & -(long) subcluster;
    if (size > start) {
      step("Failed to zero out new clusters", () -> drop.zeroize(start, size - start, 0));
    }
    if (start > old) {
      int bytes = (int) (Math.min(start, size) - old);
      metadata.lock.unlock();
      try {
        data.write(old, ByteBuffer.allocateDirect(bytes));
      } catch (BlockIoException e) {
        throw failed(e, "Failed to zero out the new area");
      } finally {
        metadata.lock.lock();
      }
    }
  }

  /** Something that may fail. */
  private interface Step {
    void run() throws BlockIoException;
  }

  private static void step(String failure, Step step) throws BlockIoException {
    try {
      step.run();
    } catch (BlockIoException e) {
      throw failed(e, failure);
    }
  }

  private static BlockIoException failed(BlockIoException e, String what) {
    return new BlockIoException(e.errno(), what + ": " + e.errno().text());
  }

  private static long divideUp(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
