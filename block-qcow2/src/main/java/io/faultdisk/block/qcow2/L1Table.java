package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;

/**
 * The active L1 table, in memory as in the file.
 *
 * <p>Read without lock (entries are read atomically), changed under the metadata lock. Indexes are
 * entry numbers.
 */
final class L1Table {
  L1Table(Metadata metadata, long offset, long[] entries) {
    throw new UnsupportedOperationException("H2");
  }

  int size() {
    throw new UnsupportedOperationException("H2");
  }

  /** Where it lies in the file, in bytes. */
  long offset() {
    throw new UnsupportedOperationException("H2");
  }

  /** An entry as stored, flags included; 0 behind the end. */
  long entry(int index) {
    throw new UnsupportedOperationException("H2");
  }

  /** Changes an entry in memory only. */
  void set(int index, long entry) {
    throw new UnsupportedOperationException("H2");
  }

  /** Another table takes its place in memory, as when a snapshot is applied. */
  void replace(long offset, long[] entries) {
    throw new UnsupportedOperationException("H2");
  }

  /** A copy of all entries. */
  long[] copy() {
    throw new UnsupportedOperationException("H2");
  }

  /** Writes one entry to the file (overlap check, event {@code l1_update}, write, flush). */
  void writeEntry(int index) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /**
   * Makes room for {@code minimum} entries: a new table elsewhere.
   *
   * @param exact false to leave room for more
   */
  void grow(long minimum, boolean exact) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  /** Frees the L2 tables of all entries from {@code size} on; the table keeps its place. */
  void shrink(long size) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }
}
