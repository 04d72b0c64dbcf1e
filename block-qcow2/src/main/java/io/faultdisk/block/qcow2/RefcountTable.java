package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;

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

  /** Event {@code reftable_load}; reads the table, unless it has no length. */
  static RefcountTable read(Metadata metadata, long offset, int clusters) throws BlockIoException {
    int entries = clusters << (metadata.geometry.clusterBits() - 3);
    if (entries > 0) {
      metadata.announce(QemuEvents.REFTABLE_LOAD, RequestType.READ);
    }
    return new RefcountTable(offset, metadata.readTable(offset, entries));
  }

  /** Whether there is a block of that index; what the others would count is not in use. */
  boolean hasBlock(long index) {
    return index < entries.length && entries[(int) index] != 0;
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
