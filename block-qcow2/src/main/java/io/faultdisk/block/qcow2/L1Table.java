package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The active L1 table, in memory as in the file.
 *
 * <p>Read without lock (entries are read atomically), changed under the metadata lock. Indexes are
 * entry numbers.
 */
final class L1Table {
  /** Bytes of one entry. */
  static final int ENTRY = 8;

  /** Longest table, in bytes. */
  static final int MAX_BYTES = 32 << 20;

  /** Where the header says how many entries there are (4 bytes) and where they are (8 bytes). */
  private static final int HEADER_FIELDS = 36;

  private record Place(long offset, AtomicLongArray entries) {}

  private final Metadata metadata;
  private volatile Place place;

  L1Table(Metadata metadata, long offset, long[] entries) {
    this.metadata = metadata;
    this.place = new Place(offset, new AtomicLongArray(entries));
  }

  int size() {
    return place.entries.length();
  }

  /** Where it lies in the file, in bytes. */
  long offset() {
    return place.offset;
  }

  /** An entry as stored, flags included; 0 behind the end. */
  long entry(int index) {
    AtomicLongArray entries = place.entries;
    return index < entries.length() ? entries.get(index) : 0;
  }

  /** Changes an entry in memory only. */
  void set(int index, long entry) {
    place.entries.set(index, entry);
  }

  /** Another table takes its place in memory, as when a snapshot is applied. */
  void replace(long offset, long[] entries) {
    place = new Place(offset, new AtomicLongArray(entries));
  }

  /** A copy of all entries. */
  long[] copy() {
    return copy(size());
  }

  private long[] copy(int size) {
    AtomicLongArray entries = place.entries;
    long[] copy = new long[size];
    for (int i = 0; i < Math.min(size, entries.length()); i++) {
      copy[i] = entries.get(i);
    }
    return copy;
  }

  /**
   * Writes one entry to the file (overlap check, event {@code l1_update}, write, flush). Where the
   * file wants larger blocks, the neighbours are written too rather than read first.
   */
  void writeEntry(int index) throws BlockIoException {
    int align = metadata.file.limits().requestAlignment();
    int bytes = Math.max(ENTRY, Math.min(align, metadata.geometry.clusterSize()));
    int first = index - index % (bytes / ENTRY);
    ByteBuffer block = ByteBuffer.allocate(bytes);
    for (int i = first; i < Math.min(first + bytes / ENTRY, size()); i++) {
      block.putLong(entry(i));
    }
    long at = offset() + (long) ENTRY * first;
    metadata.overlap.beforeWrite(OverlapCheck.ACTIVE_L1, at, bytes, false);
    metadata.announce(QemuEvents.L1_UPDATE, RequestType.WRITE);
    metadata.writeSync(at, block.clear());
  }

  /**
   * Makes room for {@code minimum} entries: a new table elsewhere.
   *
   * @param exact false to leave room for more
   * @throws BlockIoException EFBIG if that is more than a table may have
   */
  void grow(long minimum, boolean exact) throws BlockIoException {
    if (minimum <= size()) {
      return;
    }
    int size = grownSize(minimum, exact);
    long[] entries = copy(size);
    int bytes = size * ENTRY;
    metadata.announce(QemuEvents.L1_GROW_ALLOC_TABLE, RequestType.WRITE);
    long at = metadata.refcounts.allocate(bytes);
    try {
      metadata.refcountCache.flush();
      metadata.overlap.beforeWrite(OverlapCheck.NONE, at, bytes, false);
      metadata.announce(QemuEvents.L1_GROW_WRITE_TABLE, RequestType.WRITE);
      ByteBuffer table = ByteBuffer.allocate(bytes);
      table.asLongBuffer().put(entries);
      metadata.writeSync(at, table);
      metadata.announce(QemuEvents.L1_GROW_ACTIVATE_TABLE, RequestType.WRITE);
      metadata.writeSync(HEADER_FIELDS, ByteBuffer.allocate(12).putInt(size).putLong(at).flip());
    } catch (BlockIoException e) {
      metadata.refcounts.free(at, bytes, DiscardType.OTHER);
      throw e;
    }
    Place old = place;
    replace(at, entries);
    metadata.header = metadata.header.change().l1Table(at, size).build();
    metadata.refcounts.free(old.offset, (long) old.entries.length() * ENTRY, DiscardType.OTHER);
  }

  private int grownSize(long minimum, boolean exact) throws BlockIoException {
    if (minimum > Integer.MAX_VALUE / ENTRY) {
      throw new BlockIoException(Errno.EFBIG);
    }
    long size = exact ? minimum : Math.max(size(), 1);
    while (size < minimum) {
      size = (size * 3 + 1) / 2;
    }
    if (size > MAX_BYTES / ENTRY) {
      throw new BlockIoException(Errno.EFBIG);
    }
    return (int) size;
  }

  /**
   * Frees the L2 tables of all entries from {@code size} on; the table keeps its place. If the file
   * cannot be written, those entries are gone from memory, since nobody knows what is in the file.
   */
  void shrink(long size) throws BlockIoException {
    if (size >= size()) {
      return;
    }
    int kept = (int) size;
    metadata.announce(QemuEvents.L1_SHRINK_WRITE_TABLE, RequestType.WRITE);
    try {
      long cut = (long) (size() - kept) * ENTRY;
      metadata.file.writeZeroes(offset() + (long) kept * ENTRY, cut, 0);
      metadata.file.flush();
    } catch (BlockIoException e) {
      for (int i = kept; i < size(); i++) {
        set(i, 0);
      }
      throw e;
    }
    metadata.announce(QemuEvents.L1_SHRINK_FREE_L2_CLUSTERS, RequestType.WRITE);
    for (int i = size() - 1; i >= kept; i--) {
      long table = entry(i) & L2Entry.L1_OFFSET_MASK;
      if (table != 0) {
        metadata.refcounts.free(table, metadata.geometry.clusterSize(), DiscardType.ALWAYS);
        set(i, 0);
      }
    }
  }
}
