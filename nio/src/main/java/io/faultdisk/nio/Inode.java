package io.faultdisk.nio;

/**
 * A file, directory or symbolic link of a {@link Medium}, apart from its names. For one thread at a
 * time, as the medium.
 */
abstract sealed class Inode permits FileInode, DirectoryInode, LinkInode {
  private final long id;

  /** Durable entries, and pending entry changes, that lead here. */
  private int references;

  Inode(long id) {
    this.id = id;
  }

  /** Its number, which no other has or will have. */
  long id() {
    return id;
  }

  void refer() {
    references++;
  }

  /** Whether a power cut could leave it somewhere. */
  boolean referenced() {
    return references > 0;
  }

  /** Takes one reference back; true if that was the last, and no power cut can bring it back. */
  boolean release() {
    references--;
    return references == 0;
  }
}
