package io.faultdisk.block.qcow2;

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
      likely = false;
    }
    return likely;
  }
}
