package io.faultdisk.block.qcow2;

import java.nio.ByteBuffer;

/**
 * One slot of a {@link TableCache}: an L2 slice or a refcount block in memory.
 *
 * <p>Whoever got it from the cache holds it until {@link TableCache#release}; under the metadata
 * lock, except for {@link ClusterMap}'s reads without it (which check {@link #offset} before and
 * after).
 */
final class CachedTable {
  /** Where it lies in the image file, in bytes; 0 if the slot is empty. */
  volatile long offset;

  /** The table, big-endian as on disk. */
  final ByteBuffer content;

  boolean dirty;
  int holders;
  volatile long lastUse;

  CachedTable(ByteBuffer content) {
    this.content = content;
  }

  /** The 64-bit word at {@code index} (not a byte offset). */
  long word(int index) {
    return content.getLong(index << 3);
  }

  /** Sets a 64-bit word; the caller marks the table dirty. */
  void word(int index, long value) {
    content.putLong(index << 3, value);
  }
}
