package io.faultdisk.block;

/** What a child is to its parent; it decides which permissions and options the child inherits. */
public enum ChildRole {
  /**
   * The parent passes everything on to it: blkdebug's {@code image}, raw's {@code file} without
   * offset and size.
   */
  FILTERED,
  /**
   * It holds guest data only: raw's {@code file} with an offset or a size, qcow2's {@code
   * data-file}.
   */
  DATA,
  /** It holds the format's metadata only: {@code file} of qcow2 beside a {@code data-file}. */
  METADATA,
  /** It holds guest data and the format's metadata: {@code file} of qcow2. */
  IMAGE,
  /** It holds what the parent does not hold itself: a backing file. It is only read. */
  BACKING;

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
      case METADATA, IMAGE -> {
        if (parentWritable) {
          taken |= Permission.WRITE | Permission.RESIZE;
        }
        taken |= Permission.CONSISTENT_READ;
        if (this == IMAGE) {
          taken = withGrowth(taken);
        }
        shared &= ~(Permission.WRITE | Permission.RESIZE);
      }
      case BACKING -> {
        boolean mayChange = (shared & Permission.WRITE) != 0;
        shared = Permission.CONSISTENT_READ | Permission.WRITE_UNCHANGED;
        if (mayChange) {
          shared |= Permission.WRITE | Permission.RESIZE;
        }
        taken &= Permission.CONSISTENT_READ;
      }
    }
    return new Permission.Wish(taken, shared);
  }

  /** Whether it is read even if the tool has nothing to do with guest data. */
  boolean holdsMetadata() {
    return this == METADATA || this == IMAGE;
  }

  /** Whether the parent's limits start from those of the child. */
  boolean passesLimits() {
    return this != METADATA;
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
