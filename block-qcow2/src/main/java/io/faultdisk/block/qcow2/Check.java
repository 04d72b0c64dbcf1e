package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable.Repair;
import java.util.function.Consumer;

/**
 * Checks and repairs the metadata of an image. The caller holds the metadata lock.
 *
 * <pre>
 *   SnapshotTableCheck    reads the snapshot table (the image was opened without it)
 *   ReferenceWalk         counts references: L2References, RefcountBlockCheck
 *   RefcountComparison    against the refcounts; RefcountRebuild if they are beyond repair
 *   CopiedFlags           of the active tables
 *   SnapshotTableCheck    writes the snapshot table anew if it was damaged
 * </pre>
 */
final class Check {
  private final CheckRun run;
  private final Metadata metadata;
  private final CheckTally tally;
  private final Repair repair;
  private long highestCluster;

  private Check(CheckRun run) {
    this.run = run;
    this.metadata = run.metadata();
    this.tally = run.tally();
    this.repair = run.repair();
  }

  /**
   * Does it all.
   *
   * @param findings takes each finding as one line
   * @throws BlockIoException if the check could not be finished
   */
  static CheckResult run(Metadata metadata, Repair repair, Consumer<String> findings)
      throws BlockIoException {
    CheckTally snapshotTally = new CheckTally();
    SnapshotTableCheck snapshots =
        new SnapshotTableCheck(new CheckRun(metadata, repair, snapshotTally, findings));
    snapshots.read();

    CheckTally tally = new CheckTally();
    new Check(new CheckRun(metadata, repair, tally, findings)).refcounts();

    snapshots.repair();
    tally.add(snapshotTally);
    boolean repairing = repair.leaks() || repair.errors();
    if (repairing && tally.checkErrors == 0 && tally.corruptions == 0) {
      metadata.markClean();
      metadata.markConsistent();
    }
    return tally.result();
  }

  private void refcounts() throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long clusters = geometry.clusters(metadata.file.length());
    if (clusters > ReferenceCounts.CLUSTERS_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
    tally.totalClusters = geometry.clusters(metadata.snapshots.diskBytes());
    ReferenceCounts counts = new ReferenceCounts(geometry, clusters);
    boolean rebuild = new ReferenceWalk(run, counts).count();

    CheckTally counted = tally.copy();
    rebuild |= compare(run.looking(), counts);
    if (rebuild && repair.errors()) {
      rebuild(counts);
    } else if (repair.errors() || repair.leaks()) {
      if (rebuild) {
        run.say("ERROR need to rebuild refcount structures");
        throw new BlockIoException(Errno.EIO);
      }
      if (tally.leaks != 0 || tally.corruptions != 0) {
        tally.set(counted);
        compare(run, counts);
      }
    }
    new CopiedFlags(run).check();
    tally.imageEnd = (highestCluster + 1) << geometry.clusterBits();
  }

  /** Returns whether a rebuild is needed. */
  private boolean compare(CheckRun how, ReferenceCounts counts) {
    RefcountComparison comparison = new RefcountComparison(how, counts).compare();
    highestCluster = comparison.highest();
    return comparison.needsRebuild();
  }

  private void rebuild(ReferenceCounts counts) throws BlockIoException {
    CheckTally before = tally.copy();
    run.say("Rebuilding refcount structure");
    try {
      new RefcountRebuild(run, counts).rebuild();
    } catch (BlockIoException e) {
      metadata.errors.accept(e.reason());
      throw e;
    }
    tally.corruptions = 0;
    tally.leaks = 0;
    counts.clear();
    boolean stillBroken = new ReferenceWalk(run.looking(), counts).count();
    int freshLeaks = repair.leaks() ? freeOldStructure(counts, stillBroken) : 0;
    if (tally.corruptions < before.corruptions) {
      tally.corruptionsFixed += before.corruptions - tally.corruptions;
    }
    if (tally.leaks < before.leaks) {
      tally.leaksFixed += before.leaks - tally.leaks;
    }
    tally.leaks += freshLeaks;
  }

  /**
   * Frees what the rebuild has left behind. It made these leaks itself, so only those count that
   * stay; returns how many.
   */
  private int freeOldStructure(ReferenceCounts counts, boolean broken) {
    CheckRun leaksOnly =
        new CheckRun(metadata, new Repair(true, false), new CheckTally(), run.findings());
    boolean differs = compare(leaksOnly, counts);
    if (broken || differs) {
      run.say("ERROR rebuilt refcount structure is still broken");
    }
    return leaksOnly.tally().leaks;
  }
}
