package io.faultdisk.block.qcow2;

/**
 * The refcount table in memory: entry {@code i} is the offset of refcount block {@code i} (reserved
 * low bits included), 0 if there is none.
 *
 * <p>Under the metadata lock.
 */
final class RefcountTable {
  long offset;
  long[] entries;

  /** Index of the last entry that is not 0. */
  int lastUsed;

  RefcountTable(long offset, long[] entries) {
    this.offset = offset;
    this.entries = entries;
    findLastUsed();
  }

  /** After entries have changed. */
  void findLastUsed() {
    int i = entries.length - 1;
    while (i > 0 && entries[i] == 0) {
      i--;
    }
    lastUsed = Math.max(i, 0);
  }
}
