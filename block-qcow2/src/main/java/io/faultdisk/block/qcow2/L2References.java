package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;

/**
 * Looks at the entries of L2 tables and counts the clusters that they refer to.
 *
 * <p>Tables are read from the file, past the cache. One check, one thread: the buffer is used again
 * for each table.
 */
final class L2References {
  private final CheckRun run;
  private final Metadata metadata;
  private final Geometry geometry;
  private final ReferenceCounter references;
  private final ByteBuffer table;

  /** Bits that an entry for a cluster of data and nothing else does not have. */
  private final long unusual;

  /** Where the guest's previous cluster of this table ends, 0 before the first. */
  private long nextContiguous;

  L2References(CheckRun run, ReferenceCounter references) {
    this.run = run;
    this.metadata = run.metadata();
    this.geometry = metadata.geometry;
    this.references = references;
    this.table = ByteBuffer.allocate(geometry.clusterSize());
    long aligned = L2Entry.OFFSET_MASK & -(long) geometry.clusterSize();
    boolean plain = !geometry.extendedL2() && !metadata.externalData();
    this.unusual = plain ? ~(L2Entry.COPIED | aligned) : -1;
  }

  /**
   * Counts what one table refers to.
   *
   * @param offset where the table lies, as its L1 entry says
   * @param active it belongs to the current state and not to a snapshot
   */
  void count(long offset, boolean active) throws BlockIoException {
    try {
      metadata.file.read(offset, table.clear());
    } catch (BlockIoException e) {
      run.say("ERROR: I/O error in check_refcounts_l2");
      throw e;
    }
    nextContiguous = 0;
    int words = geometry.l2EntryBytes() / Long.BYTES;
    for (int i = 0; i < geometry.l2Entries(); i++) {
      long entry = table.getLong(i * words * Long.BYTES);
      long bitmap = words == 1 ? 0 : table.getLong((i * words + 1) * Long.BYTES);
      if ((entry & unusual) == 0 && (entry & ~L2Entry.COPIED) != 0) {
        countData(entry & ~L2Entry.COPIED, active);
      } else if (entry != 0 || bitmap != 0) {
        count(offset, i, entry, bitmap, active);
      }
    }
  }

  private void countData(long offset, boolean active) throws BlockIoException {
    if (active) {
      countFragment(offset);
    }
    references.add(offset, geometry.clusterSize());
  }

  private void count(long tableOffset, int index, long entry, long bitmap, boolean active)
      throws BlockIoException {
    L2Entry.Type type = L2Entry.type(entry, geometry);
    if (type != L2Entry.Type.COMPRESSED && (entry & L2Entry.STANDARD_RESERVED) != 0) {
      run.say("ERROR found l2 entry with reserved bits set: %x", entry);
      run.tally().corruptions++;
    }
    switch (type) {
      case COMPRESSED -> countCompressed(index, entry, bitmap, active);
      case NORMAL, ZERO_ALLOCATED -> countCluster(tableOffset, index, entry, bitmap, active);
      case ZERO_PLAIN -> {}
      case UNALLOCATED -> {
        if ((bitmap & L2Entry.ALL_ALLOCATED) != 0) {
          run.say("ERROR: Unallocated cluster has non-zero subcluster allocation map");
          run.tally().corruptions++;
        }
      }
    }
  }

  private void countCompressed(int index, long stored, long bitmap, boolean active)
      throws BlockIoException {
    long entry = stored & ~L2Entry.COPIED;
    if (entry != stored) {
      run.say(
          "ERROR: coffset=0x%x: copied flag must never be set for compressed clusters",
          L2Entry.compressedOffset(entry, geometry));
      run.tally().corruptions++;
    }
    if (metadata.externalData()) {
      run.say("ERROR compressed cluster %d with data file, entry=0x%x", index, entry);
      run.tally().corruptions++;
      return;
    }
    if (bitmap != 0) {
      run.say(
          "ERROR compressed cluster %d with non-zero subcluster allocation bitmap, entry=0x%x",
          index, entry);
      run.tally().corruptions++;
      return;
    }
    references.add(
        L2Entry.compressedOffset(entry, geometry), L2Entry.compressedBytes(entry, geometry));
    if (active) {
      run.tally().allocatedClusters++;
      run.tally().compressedClusters++;
      // Neighbours share sectors, which have to be read twice: as bad as not being neighbours.
      run.tally().fragmentedClusters++;
    }
  }

  private void countCluster(long tableOffset, int index, long entry, long bitmap, boolean active)
      throws BlockIoException {
    long offset = entry & L2Entry.OFFSET_MASK;
    if (((bitmap >>> 32) & bitmap) != 0) {
      run.say(
          "ERROR offset=%x: Allocated cluster has corrupted subcluster allocation bitmap", offset);
      run.tally().corruptions++;
    }
    if (geometry.offsetIntoCluster(offset) != 0
        && repairedUnaligned(tableOffset, index, entry, bitmap, active)) {
      return;
    }
    if (active) {
      countFragment(offset);
    }
    if (!metadata.externalData()) {
      references.add(offset, geometry.clusterSize());
    }
  }

  private void countFragment(long offset) {
    run.tally().allocatedClusters++;
    if (nextContiguous != 0 && offset != nextContiguous) {
      run.tally().fragmentedClusters++;
    }
    nextContiguous = offset + geometry.clusterSize();
  }

  /**
   * Reports an entry whose cluster does not start at a cluster boundary. If it holds no data it can
   * be repaired.
   *
   * @return whether it has been, so that it refers to nothing any more
   */
  private boolean repairedUnaligned(
      long tableOffset, int index, long entry, long bitmap, boolean active)
      throws BlockIoException {
    run.tally().corruptions++;
    long offset = entry & L2Entry.OFFSET_MASK;
    boolean holdsData =
        geometry.extendedL2() ? (bitmap & L2Entry.ALL_ALLOCATED) != 0 : (entry & L2Entry.ZERO) == 0;
    if (holdsData) {
      run.say("ERROR offset=%x: Data cluster is not properly aligned; L2 entry corrupted.", offset);
      return false;
    }
    run.say(
        "%s offset=%x: Preallocated cluster is not properly aligned; L2 entry corrupted.",
        run.verb(), offset);
    return run.repair().errors() && makeZero(tableOffset, index, bitmap, active);
  }

  /** Replaces an entry by one that reads as zero and has no cluster; false if writing failed. */
  private boolean makeZero(long tableOffset, int index, long bitmap, boolean active)
      throws BlockIoException {
    int bytes = geometry.l2EntryBytes();
    int at = index * bytes;
    if (geometry.extendedL2()) {
      table.putLong(at, 0);
      table.putLong(at + Long.BYTES, (bitmap | (bitmap << 32)) & L2Entry.ALL_ZERO);
    } else {
      table.putLong(at, L2Entry.ZERO);
    }
    int ignored = active ? OverlapCheck.ACTIVE_L2 : OverlapCheck.INACTIVE_L2;
    try {
      metadata.overlap.beforeWrite(ignored, tableOffset + at, bytes, false);
    } catch (BlockIoException e) {
      run.say("ERROR: Overlap check failed");
      run.tally().checkErrors++;
      throw e;
    }
    try {
      metadata.writeSync(tableOffset + at, table.slice(at, bytes));
    } catch (BlockIoException e) {
      run.say("ERROR: Failed to overwrite L2 table entry: %s", e.errno().text());
      run.tally().checkErrors++;
      return false;
    }
    run.tally().corruptionFixed();
    return true;
  }
}
