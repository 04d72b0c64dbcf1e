package io.faultdisk.block.qcow2;

/**
 * The entries of a cached piece of an L2 table: 8 bytes each, or 16 with the bitmap of subclusters.
 * Indexes count entries from the start of the piece. Under the metadata lock.
 */
record L2Slice(CachedTable table, boolean extended) {
  long entry(int index) {
    return table.word(extended ? 2 * index : index);
  }

  void entry(int index, long value) {
    table.word(extended ? 2 * index : index, value);
  }

  /** The subcluster bitmap; 0 without extended entries. */
  long bitmap(int index) {
    return extended ? table.word(2 * index + 1) : 0;
  }

  /** Nothing without extended entries. */
  void bitmap(int index, long value) {
    if (extended) {
      table.word(2 * index + 1, value);
    }
  }
}
