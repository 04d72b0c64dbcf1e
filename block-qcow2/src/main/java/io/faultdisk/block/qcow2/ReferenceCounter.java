package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/** Adds up references to ranges of the image file, and refuses those that it cannot contain. */
final class ReferenceCounter {
  private final CheckRun run;
  private final Geometry geometry;
  private final ReferenceCounts counts;

  ReferenceCounter(CheckRun run, ReferenceCounts counts) {
    this.run = run;
    this.geometry = run.metadata().geometry;
    this.counts = counts;
  }

  /**
   * Counts a reference to each cluster that a range touches.
   *
   * @param offset in bytes; metadata may say anything, also what is negative here
   * @param bytes nothing is counted if this is 0 or less
   * @throws BlockIoException ENOMEM for a place that no file can have
   */
  void add(long offset, long bytes) throws BlockIoException {
    if (bytes <= 0) {
      return;
    }
    // The last cluster of a file may be there in part only.
    long beyond = offset + bytes - run.metadata().file.length();
    if (beyond >= geometry.clusterSize()) {
      run.say(
          "ERROR: counting reference for region exceeding the end of the file by one cluster or"
              + " more: offset 0x%x size 0x%x",
          offset, bytes);
      run.tally().corruptions++;
      return;
    }
    long first = offset >>> geometry.clusterBits();
    long last = (offset + bytes - 1) >>> geometry.clusterBits();
    for (long cluster = first; cluster <= last; cluster++) {
      addCluster(cluster);
    }
  }

  private void addCluster(long cluster) throws BlockIoException {
    if (cluster >= counts.clusters()) {
      counts.growTo(cluster + 1);
    }
    if (!counts.increment(cluster)) {
      run.say("ERROR: overflow cluster offset=0x%x", cluster << geometry.clusterBits());
      run.say(
          "Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
              + " clean copy if the image cannot be opened for writing");
      run.tally().corruptions++;
    }
  }
}
