package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;

/** Looks at the entries of the refcount table, and counts the refcount blocks as used. */
final class RefcountBlockCheck {
  /** The low bits of a refcount table entry mean nothing and must be zero. */
  private static final long RESERVED = 0x1ff;

  private final CheckRun run;
  private final Metadata metadata;
  private final Geometry geometry;
  private final ReferenceCounts counts;
  private final ReferenceCounter references;

  RefcountBlockCheck(CheckRun run, ReferenceCounts counts, ReferenceCounter references) {
    this.run = run;
    this.metadata = run.metadata();
    this.geometry = metadata.geometry;
    this.counts = counts;
    this.references = references;
  }

  /** Goes through the table; true if it has entries that cannot be used. */
  boolean needsRebuild() throws BlockIoException {
    boolean rebuild = false;
    long[] entries = metadata.refcountTable.entries;
    for (int i = 0; i < entries.length; i++) {
      if (entries[i] != 0) {
        rebuild |= unusable(i, entries[i]);
      }
    }
    return rebuild;
  }

  private boolean unusable(int index, long entry) throws BlockIoException {
    long offset = entry & ~RESERVED;
    long cluster = offset >>> geometry.clusterBits();
    if (offset != entry) {
      run.say("ERROR refcount table entry %d has reserved bits set", index);
      run.tally().corruptions++;
      return true;
    }
    if (geometry.offsetIntoCluster(offset) != 0) {
      run.say(
          "ERROR refcount block %d is not cluster aligned; refcount table entry corrupted", index);
      run.tally().corruptions++;
      return true;
    }
    if (cluster >= counts.clusters()) {
      run.tally().corruptions++;
      run.say("%s refcount block %d is outside image", run.verb(), index);
      return run.repair().errors() && !extendedTo(offset);
    }
    references.add(offset, geometry.clusterSize());
    long used = counts.get(cluster);
    if (used != 1) {
      run.say("ERROR refcount block %d refcount=%s", index, Long.toUnsignedString(used));
      run.tally().corruptions++;
      return true;
    }
    return false;
  }

  /**
   * Makes the file so long that a refcount block lies in it, where it reads as zeroes.
   *
   * @return false if the file could not be made longer
   * @throws BlockIoException if there are too many clusters then
   */
  private boolean extendedTo(long offset) throws BlockIoException {
    long clusters;
    try {
      clusters = extend(offset);
    } catch (BlockIoException e) {
      run.say("ERROR could not resize image: %s", e.errno().text());
      return false;
    }
    counts.growTo(clusters);
    if ((offset >>> geometry.clusterBits()) >= counts.clusters()) {
      run.say("ERROR could not resize image: %s", Errno.EINVAL.text());
      return false;
    }
    run.tally().corruptionFixed();
    references.add(offset, geometry.clusterSize());
    return true;
  }

  /** Returns how many clusters the file has then. */
  private long extend(long offset) throws BlockIoException {
    if (offset < 0 || offset > Long.MAX_VALUE - geometry.clusterSize()) {
      throw new BlockIoException(Errno.EINVAL);
    }
    try {
      metadata.file.truncate(offset + geometry.clusterSize(), false, Preallocation.OFF);
    } catch (BlockIoException e) {
      metadata.errors.accept(e.reason());
      throw e;
    }
    return geometry.clusters(metadata.file.length());
  }
}
