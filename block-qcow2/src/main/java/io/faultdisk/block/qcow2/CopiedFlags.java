package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;

/**
 * Checks the COPIED flags of the active tables: set exactly where the refcount is 1, so that a
 * write may go to the cluster as it is.
 *
 * <p>Comes after the refcounts have been compared, and repaired if that was wanted. A refcount that
 * cannot be read has been reported by then, so nothing is said about it here.
 */
final class CopiedFlags {
  private final CheckRun run;
  private final Metadata metadata;
  private final Geometry geometry;
  private final boolean repair;
  private final ByteBuffer table;
  private final RefcountReader refcounts;

  CopiedFlags(CheckRun run) {
    this.run = run;
    this.metadata = run.metadata();
    this.geometry = metadata.geometry;
    this.repair = mayRepair(run);
    this.table = ByteBuffer.allocate(geometry.clusterSize());
    this.refcounts = new RefcountReader(metadata);
  }

  /** Who may repair leaks only repairs flags too, if nothing speaks against the refcounts. */
  private static boolean mayRepair(CheckRun run) {
    CheckTally tally = run.tally();
    boolean sound = tally.checkErrors == 0 && tally.corruptions == 0 && tally.leaks == 0;
    return run.repair().errors() || (run.repair().leaks() && sound);
  }

  void check() throws BlockIoException {
    L1Table l1 = metadata.l1;
    try {
      for (int i = 0; i < l1.size(); i++) {
        if ((l1.entry(i) & L2Entry.L1_OFFSET_MASK) != 0) {
          checkL1(i);
        }
      }
    } finally {
      refcounts.release();
    }
  }

  private void checkL1(int index) throws BlockIoException {
    long entry = metadata.l1.entry(index);
    long offset = entry & L2Entry.L1_OFFSET_MASK;
    long refcount;
    try {
      refcount = refcounts.get(offset >>> geometry.clusterBits());
    } catch (BlockIoException e) {
      return; // reported when the refcounts were compared
    }
    if (wrong(entry, refcount)) {
      run.tally().corruptions++;
      run.say(
          "%s OFLAG_COPIED L2 cluster: l1_index=%d l1_entry=%x refcount=%s",
          verb(), index, entry, Long.toUnsignedString(refcount));
      if (repair) {
        repairL1(index, corrected(entry));
      }
    }
    checkL2(offset);
  }

  private void repairL1(int index, long entry) throws BlockIoException {
    metadata.l1.set(index, entry);
    try {
      metadata.l1.writeEntry(index);
    } catch (BlockIoException e) {
      run.tally().checkErrors++;
      throw e;
    }
    run.tally().corruptionFixed();
  }

  private void checkL2(long offset) throws BlockIoException {
    try {
      metadata.file.read(offset, table.clear());
    } catch (BlockIoException e) {
      run.say("ERROR: Could not read L2 table: %s", e.errno().text());
      run.tally().checkErrors++;
      throw e;
    }
    int changed = 0;
    for (int at = 0; at < geometry.clusterSize(); at += geometry.l2EntryBytes()) {
      if (table.getLong(at) != 0 && wrongEntry(at) && repair) {
        table.putLong(at, corrected(table.getLong(at)));
        changed++;
      }
    }
    if (changed > 0) {
      writeL2(offset);
      run.tally().corruptions -= changed;
      run.tally().corruptionsFixed += changed;
    }
  }

  /** Whether the flag of the entry at a byte offset of the table is wrong; reports it. */
  private boolean wrongEntry(int at) {
    long entry = table.getLong(at);
    L2Entry.Type type = L2Entry.type(entry, geometry);
    if (type != L2Entry.Type.NORMAL && type != L2Entry.Type.ZERO_ALLOCATED) {
      return false;
    }
    long refcount = 1;
    if (!metadata.externalData()) {
      long cluster = (entry & L2Entry.OFFSET_MASK) >>> geometry.clusterBits();
      try {
        refcount = refcounts.get(cluster);
      } catch (BlockIoException e) {
        return false; // reported when the refcounts were compared
      }
    }
    if (!wrong(entry, refcount)) {
      return false;
    }
    run.tally().corruptions++;
    run.say(
        "%s OFLAG_COPIED data cluster: l2_entry=%x refcount=%s",
        verb(), entry, Long.toUnsignedString(refcount));
    return true;
  }

  private void writeL2(long offset) throws BlockIoException {
    try {
      metadata.overlap.beforeWrite(OverlapCheck.ACTIVE_L2, offset, geometry.clusterSize(), false);
    } catch (BlockIoException e) {
      run.say(
          "ERROR: Could not write L2 table; metadata overlap check failed: %s", e.errno().text());
      run.tally().checkErrors++;
      throw e;
    }
    try {
      metadata.file.write(offset, table.clear(), 0);
    } catch (BlockIoException e) {
      run.say("ERROR: Could not write L2 table: %s", e.errno().text());
      run.tally().checkErrors++;
      throw e;
    }
  }

  private String verb() {
    return repair ? "Repairing" : "ERROR";
  }

  private static boolean wrong(long entry, long refcount) {
    return (refcount == 1) != ((entry & L2Entry.COPIED) != 0);
  }

  /** The entry with the other flag: called only if it is wrong. */
  private static long corrected(long entry) {
    return entry ^ L2Entry.COPIED;
  }
}
