package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A write-back cache of equally sized tables, with an order between two caches: one can depend on
 * the other having been written first, or on a flush of the file.
 *
 * <p>A table may be in any slot. The search for it begins at a slot that its offset gives and goes
 * round once; if it is not there, it takes the slot that was not used for longest, the first of
 * these on the way. This order decides which tables are written when, so it is part of what an
 * observer of the file sees.
 *
 * <p>All methods are called under the metadata lock, except {@link #peek} and {@link #touch}.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-cache.c.
 */
final class TableCache {
  /** What it caches: decides the events and the overlap check's exemptions. */
  enum Kind {
    L2("L2 table", OverlapCheck.ACTIVE_L2),
    REFCOUNT_BLOCK("refcount block", OverlapCheck.REFCOUNT_BLOCK);

    private final String text;

    /** The kind of metadata that its own tables are: they may be written over. */
    private final int own;

    Kind(String text, int own) {
      this.text = text;
      this.own = own;
    }
  }

  /** Slots that a table's neighbours in the file are apart. */
  private static final int SPREAD = 4;

  private final Metadata metadata;
  private final Kind kind;
  private final int tableBytes;

  /** Made when first used: many caches never fill. */
  private final @Nullable CachedTable[] slots;

  private final AtomicLong uses = new AtomicLong();
  private long usesAtLastDrop;

  /** Has to be flushed before any table of this cache is written. */
  private @Nullable TableCache before;

  private boolean fileBefore;

  TableCache(Metadata metadata, Kind kind, int slots, int tableBytes) {
    this.metadata = metadata;
    this.kind = kind;
    this.tableBytes = tableBytes;
    this.slots = new @Nullable CachedTable[slots];
  }

  int tableBytes() {
    return tableBytes;
  }

  /** The table at that offset, loaded if it is not there. The caller releases it. */
  CachedTable get(long offset) throws BlockIoException {
    return get(offset, true);
  }

  /** A slot for the table at that offset, without reading it. The caller fills and releases it. */
  CachedTable getEmpty(long offset) throws BlockIoException {
    return get(offset, false);
  }

  private CachedTable get(long offset, boolean load) throws BlockIoException {
    if (offset == 0 || (offset & tableBytes - 1) != 0) {
      throw metadata.corruption.found(
          true,
          -1,
          -1,
          "Cannot get entry from %s cache: Offset %#x is unaligned".formatted(kind.text, offset));
    }
    metadata.aging.catchUp(metadata.l2Cache, metadata.refcountCache);
    int first = firstSlot(offset);
    int victim = -1;
    long victimUse = Long.MAX_VALUE;
    int i = first;
    do {
      CachedTable slot = slots[i];
      if (slot != null && slot.offset == offset) {
        slot.holders++;
        return slot;
      }
      long use = slot == null ? 0 : slot.lastUse;
      if ((slot == null || slot.holders == 0) && use < victimUse) {
        victim = i;
        victimUse = use;
      }
      i = i + 1 == slots.length ? 0 : i + 1;
    } while (i != first);
    if (victim < 0) {
      throw new IllegalStateException("all tables of the " + kind.text + " cache are held");
    }
    CachedTable slot = replace(victim, offset, load);
    slot.holders++;
    return slot;
  }

  private int firstSlot(long offset) {
    return (int) Long.remainderUnsigned(offset / tableBytes * SPREAD, slots.length);
  }

  private CachedTable replace(int index, long offset, boolean load) throws BlockIoException {
    CachedTable slot = slots[index];
    if (slot == null) {
      slot = new CachedTable(ByteBuffer.allocate(tableBytes));
      slots[index] = slot;
    } else {
      writeBack(slot);
    }
    slot.vacate();
    if (load) {
      if (kind == Kind.L2) {
        metadata.announce(QemuEvents.L2_LOAD, RequestType.READ);
      }
      metadata.file.read(offset, slot.whole());
    }
    slot.offset = offset;
    return slot;
  }

  void release(CachedTable table) {
    if (table.holders <= 0) {
      throw new IllegalStateException("a " + kind.text + " released twice");
    }
    table.holders--;
    if (table.holders == 0) {
      table.lastUse = uses.incrementAndGet();
    }
  }

  void markDirty(CachedTable table) {
    if (table.offset == 0) {
      throw new IllegalStateException("a change in an empty slot");
    }
    table.dirty = true;
  }

  /**
   * Writes all dirty tables, going on after errors. The last error is thrown, but an ENOSPC stays
   * once it was seen.
   */
  void write() throws BlockIoException {
    @Nullable BlockIoException result = null;
    for (CachedTable slot : slots) {
      if (slot == null) {
        continue;
      }
      try {
        writeBack(slot);
      } catch (BlockIoException e) {
        if (result == null || !result.errno().equals(Errno.ENOSPC)) {
          result = e;
        }
      }
    }
    if (result != null) {
      throw result;
    }
  }

  private void writeBack(CachedTable slot) throws BlockIoException {
    if (!slot.dirty || slot.offset == 0) {
      return;
    }
    if (before != null) {
      flushBefore(before);
    } else if (fileBefore) {
      metadata.file.flush();
      fileBefore = false;
    }
    metadata.overlap.beforeWrite(kind.own, slot.offset, tableBytes, false);
    metadata.announce(
        kind == Kind.L2 ? QemuEvents.L2_UPDATE : QemuEvents.REFBLOCK_UPDATE_PART,
        RequestType.WRITE);
    metadata.file.write(slot.offset, slot.whole(), 0);
    slot.dirty = false;
  }

  private void flushBefore(TableCache other) throws BlockIoException {
    other.flush();
    before = null;
    fileBefore = false;
  }

  /** {@link #write}, then a flush of the file. */
  void flush() throws BlockIoException {
    write();
    metadata.file.flush();
  }

  /** From now on {@code first} is written and flushed before any table of this one. */
  void dependsOn(TableCache first) throws BlockIoException {
    if (first.before != null) {
      first.flushBefore(first.before);
    }
    if (before != null && before != first) {
      flushBefore(before);
    }
    before = first;
  }

  /** From now on the file is flushed before any table of this one is written. */
  void dependsOnFlush() {
    fileBefore = true;
  }

  /** Writes everything back and forgets it. */
  void empty() throws BlockIoException {
    flush();
    for (CachedTable slot : slots) {
      if (slot != null) {
        clear(slot);
      }
    }
    uses.set(0);
  }

  private void clear(CachedTable slot) {
    if (slot.holders != 0) {
      throw new IllegalStateException("a " + kind.text + " is dropped while it is in use");
    }
    slot.vacate();
    slot.lastUse = 0;
    slot.dirty = false;
  }

  /** The slot that holds that offset, if it is cached; not held by the caller. */
  Optional<CachedTable> cached(long offset) {
    return Optional.ofNullable(peek(offset));
  }

  /**
   * The same without the metadata lock: see {@link CachedTable} for how to read from it. A miss may
   * be wrong.
   */
  @Nullable CachedTable peek(long offset) {
    if (offset == 0) {
      return null;
    }
    int first = firstSlot(offset);
    int i = first;
    do {
      CachedTable slot = slots[i];
      if (slot != null && slot.offset == offset) {
        return slot;
      }
      i = i + 1 == slots.length ? 0 : i + 1;
    } while (i != first);
    return null;
  }

  /** Notes a use of a table that was read without the metadata lock. */
  void touch(CachedTable table) {
    if (table.lastUse != uses.get()) {
      table.lastUse = uses.incrementAndGet();
    }
  }

  /** Forgets a table without writing it. */
  void forget(CachedTable table) {
    clear(table);
  }

  /** Forgets clean tables that nobody used since the last call ({@code cache-clean-interval}). */
  void dropUnused() {
    for (int i = 0; i < slots.length; i++) {
      CachedTable slot = slots[i];
      if (slot != null
          && slot.holders == 0
          && !slot.dirty
          && slot.offset != 0
          && slot.lastUse <= usesAtLastDrop) {
        slot.vacate();
        slots[i] = null;
      }
    }
    usesAtLastDrop = uses.get();
  }
}
