package io.faultdisk.nio;

/**
 * A file, directory or symbolic link of a {@link Medium}, apart from its names. For one thread at a
 * time, as the medium.
 */
abstract sealed class Inode permits FileInode, DirectoryInode, LinkInode {
  private final long id;

  /** Durable entries, and pending entry changes, that lead here. */
  private int references;

  /** Pending entry changes that lead here. */
  private int mentions;

  Inode(long id) {
    this.id = id;
  }

  /** Its number, which no other has or will have. */
  long id() {
    return id;
  }

  /** A durable entry leads here from the start. */
  void adopt() {
    references++;
  }

  /** A pending change leads here. */
  void mention() {
    references++;
    mentions++;
  }

  /** That change is durable: its reference is the durable entry's now. */
  void settle() {
    mentions--;
  }

  /** Whether a pending change leads here. */
  boolean mentioned() {
    return mentions > 0;
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
