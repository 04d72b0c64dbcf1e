package io.faultdisk.nio;

/** A symbolic link, which never changes. */
final class LinkInode extends Inode {
  private final String target;

  LinkInode(long id, String target) {
    super(id);
    this.target = target;
  }

  /** Where it leads. */
  String target() {
    return target;
  }
}
