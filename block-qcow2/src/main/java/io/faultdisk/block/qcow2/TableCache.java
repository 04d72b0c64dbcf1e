package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.util.Optional;

/**
 * A write-back cache of equally sized tables, with an order between two caches: one can depend on
 * the other having been written first, or on a flush of the file.
 *
 * <p>All methods are called under the metadata lock.
 */
final class TableCache {
  /** What it caches: decides the events and the overlap check's exemptions. */
  enum Kind {
    L2,
    REFCOUNT_BLOCK
  }

  TableCache(Metadata metadata, Kind kind, int slots, int tableBytes) {
    throw new UnsupportedOperationException("H1");
  }

  int tableBytes() {
    throw new UnsupportedOperationException("H1");
  }

  /** The table at that offset, loaded if it is not there. The caller releases it. */
  CachedTable get(long offset) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** A slot for the table at that offset, without reading it. The caller fills and releases it. */
  CachedTable getEmpty(long offset) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  void release(CachedTable table) {
    throw new UnsupportedOperationException("H1");
  }

  void markDirty(CachedTable table) {
    throw new UnsupportedOperationException("H1");
  }

  /**
   * Writes all dirty tables, going on after errors; see the specification for which error counts.
   */
  void write() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** {@link #write}, then a flush of the file. */
  void flush() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** From now on {@code first} is written and flushed before any table of this one. */
  void dependsOn(TableCache first) throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** From now on the file is flushed before any table of this one is written. */
  void dependsOnFlush() {
    throw new UnsupportedOperationException("H1");
  }

  /** Writes everything back and forgets it. */
  void empty() throws BlockIoException {
    throw new UnsupportedOperationException("H1");
  }

  /** The slot that holds that offset, if it is cached; not held by the caller. */
  Optional<CachedTable> cached(long offset) {
    throw new UnsupportedOperationException("H1");
  }

  /** Forgets a table without writing it. */
  void forget(CachedTable table) {
    throw new UnsupportedOperationException("H1");
  }

  /** Forgets clean tables that nobody used since the last call ({@code cache-clean-interval}). */
  void dropUnused() {
    throw new UnsupportedOperationException("H1");
  }
}
