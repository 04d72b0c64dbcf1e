package io.faultdisk.block;

/** What a child is to its parent; it decides which permissions and options the child inherits. */
public enum ChildRole {
  /**
   * The parent passes everything on to it: blkdebug's {@code image}, raw's {@code file} without
   * offset and size.
   */
  FILTERED,
  /** It holds guest data only: raw's {@code file} with an offset or a size. */
  DATA,
  /** It holds guest data and the format's metadata: {@code file} of qcow2. */
  IMAGE;

  /**
   * The permissions that a parent of this kind takes on its child when its own parents want {@code
   * wish}.
   */
  public Permission.Wish childWish(Permission.Wish wish, boolean parentWritable) {
    int taken = wish.taken();
    int shared = wish.shared();
    switch (this) {
      case FILTERED -> {}
      case DATA -> {
        shared &= ~Permission.RESIZE;
        taken = withGrowth(taken);
      }
      case IMAGE -> {
        if (parentWritable) {
          taken |= Permission.WRITE | Permission.RESIZE;
        }
        taken = withGrowth(taken | Permission.CONSISTENT_READ);
        shared &= ~(Permission.WRITE | Permission.RESIZE);
      }
    }
    return new Permission.Wish(taken, shared);
  }

  /**
   * A driver that writes guest data may have to write copies of unchanged data, and beyond the end
   * of the file.
   */
  private static int withGrowth(int taken) {
    if (Permission.mayWrite(taken)) {
      return taken | Permission.WRITE | Permission.RESIZE;
    }
    return taken;
  }
}
