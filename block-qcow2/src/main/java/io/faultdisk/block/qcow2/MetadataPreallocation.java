package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.util.OptionalLong;

/**
 * Whether the image seems to have been preallocated without its data: clearly more clusters are
 * counted than the file system has given to the file. Then it pays to ask the file which of them
 * are holes. Found out once. Under the metadata lock.
 */
final class MetadataPreallocation {
  private final Metadata metadata;
  private boolean known;
  private boolean likely;

  MetadataPreallocation(Metadata metadata) {
    this.metadata = metadata;
  }

  boolean isLikely() {
    if (!known) {
      known = true;
      likely = look();
    }
    return likely;
  }

  /** Counts clusters in use until there are more than the file can hold; no if in doubt. */
  private boolean look() {
    OptionalLong allocated = metadata.file.allocatedSize();
    if (allocated.isEmpty()) {
      return false;
    }
    Geometry geometry = metadata.geometry;
    long real = allocated.getAsLong() / geometry.clusterSize();
    long enough = Math.max(real * 10 / 9, real + 2);
    try {
      long end = geometry.clusters(metadata.file.length());
      long used = 0;
      int perBlock = geometry.refcountBlockEntries();
      for (long i = 0; i < end && used < enough; i++) {
        if (metadata.refcountTable.hasBlock(i / perBlock)) {
          used += metadata.refcounts.get(i) == 0 ? 0 : 1;
        } else {
          i += perBlock - 1;
        }
      }
      return used >= enough;
    } catch (BlockIoException e) {
      return false;
    }
  }
}
