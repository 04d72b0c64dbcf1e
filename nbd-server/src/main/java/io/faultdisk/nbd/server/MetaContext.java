package io.faultdisk.nbd.server;

import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.nbd.MetaContextName;

/** Something that an export can tell about its extents. Immutable. */
sealed interface MetaContext {
  /** The number that block status replies carry. */
  int id();

  /** The name in the protocol. */
  String name();

  /** Holes and zeroes. */
  record Allocation() implements MetaContext {
    @Override
    public int id() {
      return 0;
    }

    @Override
    public String name() {
      return MetaContextName.BASE_ALLOCATION;
    }
  }

  /** Which image of the backing chain holds the data. */
  record Depth() implements MetaContext {
    @Override
    public int id() {
      return 1;
    }

    @Override
    public String name() {
      return MetaContextName.ALLOCATION_DEPTH;
    }
  }

  /** What a dirty bitmap has recorded. */
  record Dirty(int id, DirtyBitmap bitmap) implements MetaContext {
    /** The id of an export's first bitmap. */
    static final int FIRST_ID = 2;

    @Override
    public String name() {
      return MetaContextName.DIRTY_BITMAP_PREFIX + bitmap.name();
    }
  }
}
