package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Builds the refcount structure anew from counted references alone, in free clusters of the file.
 *
 * <p>A block is a piece of {@link ReferenceCounts} as it is. Placing blocks and the table changes
 * the counts, so the blocks that count the table are written again until the table has stopped
 * growing. Places that turn out too small, and the old structure, are leaked: the check that
 * follows finds them.
 */
final class RefcountRebuild {
  private final Metadata metadata;
  private final Geometry geometry;
  private final ReferenceCounts counts;
  private long[] table = {};

  /** Where the search for a free cluster begins. */
  private long firstFree;

  RefcountRebuild(CheckRun run, ReferenceCounts counts) {
    this.metadata = run.metadata();
    this.geometry = metadata.geometry;
    this.counts = counts;
  }

  /**
   * Writes blocks and table, and lets the header refer to them.
   *
   * @throws BlockIoException the reason is for the user
   */
  void rebuild() throws BlockIoException {
    emptyCache();
    boolean grown = writeBlocks(0, counts.clusters());
    long offset = 0;
    while (grown) {
      firstFree = 0;
      long clusters = geometry.clusters(tableBytes());
      offset = allocate(clusters, "ERROR allocating reftable");
      long first = offset >>> geometry.clusterBits();
      grown = writeBlocks(first, first + clusters);
    }
    writeTable(offset);
    int clusters = (int) geometry.clusters(tableBytes());
    writePointer(offset, clusters);
    metadata.header = metadata.header.change().refcountTable(offset, clusters).build();
    metadata.refcountTable = new RefcountTable(offset, table);
  }

  private long tableBytes() {
    return (long) table.length * Long.BYTES;
  }

  /** What cannot be written back does not matter: it is part of the old structure. */
  private void emptyCache() {
    try {
      metadata.refcountCache.empty();
    } catch (BlockIoException e) {
      // The old blocks are given up.
    }
  }

  /**
   * Writes all blocks that count something in a range of clusters, and finds a place for those that
   * have none.
   *
   * @return whether the table has become longer
   */
  private boolean writeBlocks(long from, long to) throws BlockIoException {
    firstFree = 0;
    int oldLength = table.length;
    long end = to;
    long cluster = from;
    while (cluster < end) {
      long block = counts.blockOf(cluster);
      long start = block * counts.blockEntries();
      if (counts.nothingIn(block)) {
        cluster = start + counts.blockEntries();
      } else if (counts.get(cluster) == 0) {
        cluster++;
      } else {
        end = Math.max(end, place((int) block, start));
        writeBlock((int) block);
        cluster = start + counts.blockEntries();
      }
    }
    return table.length > oldLength;
  }

  /** Gives a block a place if it has none; returns the index behind its cluster, or 0. */
  private long place(int block, long start) throws BlockIoException {
    if (block < table.length && table[block] != 0) {
      return 0;
    }
    // Not before the block's own range: what lies there may have been written already.
    firstFree = Math.max(firstFree, start);
    long offset = allocate(1, "ERROR allocating refblock");
    if (block >= table.length) {
      long bytes = geometry.roundUp((block + 1L) * Long.BYTES);
      table = Arrays.copyOf(table, (int) (bytes / Long.BYTES));
    }
    table[block] = offset;
    return (offset >>> geometry.clusterBits()) + 1;
  }

  private void writeBlock(int block) throws BlockIoException {
    write(table[block], counts.block(block), "ERROR writing refblock");
  }

  private void writeTable(long offset) throws BlockIoException {
    ByteBuffer bytes = ByteBuffer.allocate((int) tableBytes());
    bytes.asLongBuffer().put(table);
    write(offset, bytes, "ERROR writing reftable");
  }

  private void write(long offset, ByteBuffer bytes, String failure) throws BlockIoException {
    try {
      metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes.remaining(), false);
      metadata.file.write(offset, bytes, 0);
    } catch (BlockIoException e) {
      throw failed(failure, e);
    }
  }

  /** Offset (8) and length in clusters (4) of the table, at 48 in the header. */
  private void writePointer(long offset, int clusters) throws BlockIoException {
    ByteBuffer pointer = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    pointer.putLong(offset).putInt(clusters).flip();
    try {
      metadata.writeSync(48, pointer);
    } catch (BlockIoException e) {
      throw failed("ERROR setting reftable", e);
    }
  }

  private static BlockIoException failed(String what, BlockIoException cause) {
    return new BlockIoException(cause.errno(), what + ": " + cause.errno().text());
  }

  /**
   * Takes free clusters, at {@link #firstFree} or behind it, in the counts.
   *
   * @return their offset in bytes
   */
  private long allocate(long wanted, String failure) throws BlockIoException {
    long cluster = firstFree;
    long free = 0;
    boolean gapSeen = false;
    for (; cluster < counts.clusters() && free < wanted; cluster++) {
      if (counts.get(cluster) != 0) {
        free = 0;
      } else {
        free++;
        if (!gapSeen) {
          firstFree = cluster;
          gapSeen = true;
        }
      }
    }
    long first = cluster - free;
    try {
      counts.growTo(first + wanted);
      for (long i = 0; i < wanted; i++) {
        counts.set(first + i, 1);
      }
    } catch (BlockIoException e) {
      throw failed(failure, e);
    }
    return first << geometry.clusterBits();
  }
}
