package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/**
 * Follows everything that the metadata refer to, from the header on, and counts how often each
 * cluster of the image file is used.
 *
 * <p>In this order, which is that of the findings: header, active L1 table, snapshots and their
 * table, refcount table, bitmaps, refcount blocks.
 */
final class ReferenceWalk {
  private final CheckRun run;
  private final Metadata metadata;
  private final Geometry geometry;
  private final ReferenceCounts counts;
  private final ReferenceCounter references;
  private final L2References l2References;

  ReferenceWalk(CheckRun run, ReferenceCounts counts) {
    this.run = run;
    this.metadata = run.metadata();
    this.geometry = metadata.geometry;
    this.counts = counts;
    this.references = new ReferenceCounter(run, counts);
    this.l2References = new L2References(run, references);
  }

  /**
   * Counts everything.
   *
   * @return whether the refcount structure is so damaged that it must be built anew
   */
  boolean count() throws BlockIoException {
    references.add(0, geometry.clusterSize());
    Header header = metadata.header;
    countL1(metadata.l1.offset(), metadata.l1.size(), true);
    countSnapshots();
    references.add(header.snapshotsOffset(), metadata.snapshots.tableBytes());
    RefcountTable table = metadata.refcountTable;
    references.add(table.offset, (long) table.entries.length * Long.BYTES);
    metadata.bitmaps.references(new BitmapClusters());
    return new RefcountBlockCheck(run, counts, references).needsRebuild();
  }

  private void countSnapshots() throws BlockIoException {
    int count = metadata.snapshots.entries().size();
    if (metadata.externalData() && count > 0) {
      run.say("ERROR %d snapshots in image with data file", count);
      run.tally().corruptions++;
    }
    for (SnapshotTable.Entry snapshot : metadata.snapshots.entries()) {
      if (geometry.offsetIntoCluster(snapshot.l1Offset()) != 0) {
        run.say(
            "ERROR snapshot %s (%s) l1_offset=%s: L1 table is not cluster aligned; snapshot table"
                + " entry corrupted",
            snapshot.info().id(), snapshot.info().name(), hex(snapshot.l1Offset()));
        run.tally().corruptions++;
      } else if (snapshot.l1Entries() > Metadata.L1_BYTES_MAX / Long.BYTES) {
        run.say(
            "ERROR snapshot %s (%s) l1_size=%s: L1 table is too large; snapshot table entry"
                + " corrupted",
            snapshot.info().id(), snapshot.info().name(), hex(snapshot.l1Entries()));
        run.tally().corruptions++;
      } else {
        countL1(snapshot.l1Offset(), (int) snapshot.l1Entries(), false);
      }
    }
  }

  /** As C prints {@code %#x}: no prefix for zero. */
  private static String hex(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }

  private void countL1(long offset, int entries, boolean active) throws BlockIoException {
    if (entries == 0) {
      return;
    }
    references.add(offset, (long) entries * Long.BYTES);
    for (long entry : readL1(offset, entries)) {
      if (entry != 0) {
        countL2(entry, active);
      }
    }
  }

  private long[] readL1(long offset, int entries) throws BlockIoException {
    try {
      return metadata.readTable(offset, entries);
    } catch (BlockIoException e) {
      run.say("ERROR: I/O error in check_refcounts_l1");
      throw e;
    }
  }

  private void countL2(long l1Entry, boolean active) throws BlockIoException {
    if ((l1Entry & L2Entry.L1_RESERVED) != 0) {
      run.say("ERROR found L1 entry with reserved bits set: %x", l1Entry);
      run.tally().corruptions++;
    }
    long offset = l1Entry & L2Entry.L1_OFFSET_MASK;
    references.add(offset, geometry.clusterSize());
    if (geometry.offsetIntoCluster(offset) != 0) {
      run.say("ERROR l2_offset=%x: Table is not cluster aligned; L1 entry corrupted", offset);
      run.tally().corruptions++;
    }
    l2References.count(offset, active);
  }

  /** Counts what persistent bitmaps use. */
  private final class BitmapClusters implements BitmapTable.References {
    @Override
    public void range(long offset, long bytes) throws BlockIoException {
      references.add(offset, bytes);
    }

    @Override
    public void corrupt() {
      run.tally().corruptions++;
    }
  }
}
