package io.faultdisk.block.qcow2;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * One slot of a {@link TableCache}: an L2 slice or a refcount block in memory.
 *
 * <p>Whoever got it from the cache holds it until {@link TableCache#release}; under the metadata
 * lock. A word can also be read without the lock and without holding the slot: remember {@link
 * #generation}, see that {@link #offset} is the wanted one, read, and ask {@link #unchangedSince}.
 */
final class CachedTable {
  /** Where it lies in the image file, in bytes; 0 if the slot is empty. */
  volatile long offset;

  /** The table, big-endian as on disk. */
  final ByteBuffer content;

  boolean dirty;
  int holders;

  /** The cache's counter of uses when it was last used; 0 if the slot is empty. */
  volatile long lastUse;

  /** Counts how often the slot was given to another table. */
  private volatile int generation;

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

  int generation() {
    return generation;
  }

  /** Whether what was read since {@link #generation} returned {@code seen} was one table's. */
  boolean unchangedSince(int seen) {
    VarHandle.loadLoadFence();
    return generation == seen;
  }

  /** The slot is about to hold another table, or none: readers without lock notice. */
  void vacate() {
    offset = 0;
    int next = generation + 1; // only whoever holds the metadata lock counts
    generation = next;
    VarHandle.fullFence();
  }

  /** Sets every byte to 0; the caller marks the table dirty. */
  void zero() {
    whole().put(new byte[content.capacity()]);
  }

  /** The whole table, for one transfer. */
  ByteBuffer whole() {
    return content.duplicate().clear();
  }
}
