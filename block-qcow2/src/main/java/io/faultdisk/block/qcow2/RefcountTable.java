package io.faultdisk.block.qcow2;

/**
 * The refcount table in memory: entry {@code i} is the offset of refcount block {@code i} (reserved
 * low bits included), 0 if there is none.
 *
 * <p>Changed under the metadata lock; a table of another size or place is another object.
 */
final class RefcountTable {
  /** Where it lies in the image file, in bytes. */
  long offset;

  long[] entries;

  /** Index of the last entry that names a block; 0 if there is none. */
  int lastUsed;

  RefcountTable(long offset, long[] entries) {
    this.offset = offset;
    this.entries = entries;
    findLastUsed();
  }

  /** After entries have changed. */
  void findLastUsed() {
    int i = entries.length - 1;
    while (i > 0 && (entries[i] & RefcountBlocks.OFFSET_MASK) == 0) {
      i--;
    }
    lastUsed = Math.max(i, 0);
  }
}
