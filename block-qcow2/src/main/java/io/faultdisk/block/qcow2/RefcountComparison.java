package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/**
 * Compares the refcounts of the image with the references that a check has counted, cluster by
 * cluster, and sets wrong ones right where that is allowed.
 */
final class RefcountComparison {
  private final CheckRun run;
  private final Metadata metadata;
  private final ReferenceCounts counts;
  private final RefcountReader refcounts;
  private boolean rebuild;
  private long highest;

  RefcountComparison(CheckRun run, ReferenceCounts counts) {
    this.run = run;
    this.metadata = run.metadata();
    this.counts = counts;
    this.refcounts = new RefcountReader(metadata);
  }

  /** Goes through all clusters of the file. */
  RefcountComparison compare() {
    long entries = counts.blockEntries();
    for (long start = 0; start < counts.clusters(); start += entries) {
      long block = counts.blockOf(start);
      if (!counts.nothingIn(block) || metadata.refcountTable.hasBlock(block)) {
        compareBlock(block, start, Math.min(start + entries, counts.clusters()));
      }
    }
    refcounts.release();
    return this;
  }

  /** Compares what one block counts: the whole block at once if nothing is wrong with it. */
  private void compareBlock(long block, long start, long end) {
    compare(start);
    if (!counts.nothingIn(block) && refcounts.heldIsLike(counts.block(block))) {
      long last = end - 1;
      while (last > start && counts.get(last) == 0) {
        last--;
      }
      if (last > start) {
        highest = last;
      }
      return;
    }
    for (long cluster = start + 1; cluster < end; cluster++) {
      compare(cluster);
    }
  }

  /** A used cluster has the refcount 0: new blocks may be needed, so all have to be made anew. */
  boolean needsRebuild() {
    return rebuild;
  }

  /** Index of the last cluster that has a refcount or a reference; 0 if there is none. */
  long highest() {
    return highest;
  }

  private void compare(long cluster) {
    long refcount;
    try {
      refcount = refcounts.get(cluster);
    } catch (BlockIoException e) {
      run.say("Can't get refcount for cluster %d: %s", cluster, e.errno().text());
      run.tally().checkErrors++;
      return;
    }
    long references = counts.get(cluster);
    if (refcount != 0 || references != 0) {
      highest = cluster;
    }
    if (refcount != references) {
      different(cluster, refcount, references);
    }
  }

  private void different(long cluster, long refcount, long references) {
    boolean leak = Long.compareUnsigned(refcount, references) > 0;
    boolean repairing = false;
    if (refcount == 0) {
      rebuild = true;
    } else {
      repairing = leak ? run.repair().leaks() : run.repair().errors();
    }
    String verb = leak ? "Leaked" : "ERROR";
    run.say(
        "%s cluster %d refcount=%s reference=%s",
        repairing ? "Repairing" : verb,
        cluster,
        Long.toUnsignedString(refcount),
        Long.toUnsignedString(references));
    if (repairing && repaired(cluster, refcount, references)) {
      if (leak) {
        run.tally().leaksFixed++;
      } else {
        run.tally().corruptionsFixed++;
      }
    } else if (leak) {
      run.tally().leaks++;
    } else {
      run.tally().corruptions++;
    }
  }

  private boolean repaired(long cluster, long refcount, long references) {
    boolean decrease = Long.compareUnsigned(refcount, references) > 0;
    long difference = decrease ? refcount - references : references - refcount;
    long offset = cluster << metadata.geometry.clusterBits();
    refcounts.release();
    try {
      metadata.refcounts.update(offset, 1, difference, decrease, DiscardType.ALWAYS);
      return true;
    } catch (BlockIoException e) {
      return false; // counted and reported as what it was
    }
  }
}
