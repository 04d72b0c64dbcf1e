package io.faultdisk.nio;

import io.faultdisk.nio.DataChange.Resize;
import io.faultdisk.nio.DataChange.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file's data: what is durable, what was changed since, and what can be read.
 *
 * <p>The fault model is a page cache. A write changes pages of the cache and nothing else; a flush
 * writes the pages that were changed. When a flush fails as Linux lets it fail ({@link #drop}), the
 * pages are still there to be read, but count as written: no flush after that writes them, unless
 * they are changed again, and then as a whole. The size is not data: it stays to be written, so
 * that the next flush, which succeeds, leaves a file of the right size with holes in it.
 *
 * <p>For one thread at a time.
 */
final class FileInode extends Inode {
  /** What an object and its list element take, roughly. */
  private static final int CHANGE_BYTES = 64;

  private final Pages durable;
  private final Pages current;
  private final List<DataChange> pending = new ArrayList<>();

  /** Pages that differ from what is durable, but count as written. */
  private final Set<Long> dropped = new HashSet<>();

  private long pendingBytes;
  private String label;
  private @Nullable EntryChange birth;

  /** What the medium counts for it. */
  private long charged;

  /** A file whose content is durable. */
  FileInode(long id, Pages content, String label) {
    super(id);
    this.durable = content.snapshot();
    this.current = content.snapshot();
    this.label = label;
  }

  /** A name that it has or had, for people. */
  String label() {
    return label;
  }

  void label(String path) {
    label = path;
  }

  /** Remembers the change that made it. */
  void born(EntryChange change) {
    birth = change;
  }

  /** Whether the change that made it is not durable. */
  boolean isNew() {
    return birth != null && !birth.durable();
  }

  /** What a power cut can't take away. Not to be changed. */
  Pages durable() {
    return durable;
  }

  /** What can be read. Not to be changed. */
  Pages current() {
    return current;
  }

  /** What changed since it was durable, in order. */
  List<DataChange> pending() {
    return pending;
  }

  /** How many bytes were written that are not durable, each time that they were written. */
  long pendingBytes() {
    return pendingBytes;
  }

  /** Whether fdatasync has to write more than data. */
  boolean sizePending() {
    return current.size() != durable.size() || pending.stream().anyMatch(c -> c instanceof Resize);
  }

  /** Memory that it takes, at most, in bytes. */
  long heldBytes() {
    long pages = Math.max(durable.count(), current.count());
    return pages * Pages.PAGE_BYTES + 2 * pendingBytes + pending.size() * (long) CHANGE_BYTES;
  }

  long charged() {
    return charged;
  }

  void charged(long bytes) {
    charged = bytes;
  }

  /**
   * Writes. Beyond the end, the file grows.
   *
   * @param bytes not to be changed afterwards
   */
  void write(long order, long offset, byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    current.write(offset, bytes, 0, bytes.length);
    if (dropped.isEmpty()) {
      add(new Write(order, offset, bytes));
      return;
    }
    // A page that was dropped is written as a whole now, with what was dropped.
    long end = offset + bytes.length;
    long first = offset / Pages.PAGE_BYTES;
    long last = (end - 1) / Pages.PAGE_BYTES;
    long from = dropped.contains(first) ? first * Pages.PAGE_BYTES : offset;
    long to =
        dropped.contains(last) ? Math.min((last + 1) * Pages.PAGE_BYTES, current.size()) : end;
    dropped.removeIf(page -> page >= first && page <= last);
    add(new Write(order, from, current.read(from, Math.toIntExact(to - from))));
  }

  /** Cuts, or extends with zeros. */
  void resize(long order, long size) {
    if (size == current.size()) {
      return;
    }
    boolean cut = size < current.size();
    current.resize(size);
    long tail = size / Pages.PAGE_BYTES;
    int inTail = (int) (size % Pages.PAGE_BYTES);
    if (cut && inTail > 0 && dropped.remove(tail)) {
      add(new Write(order, size - inTail, current.read(size - inTail, inTail)));
    }
    if (cut) {
      dropped.removeIf(page -> page * Pages.PAGE_BYTES >= size);
    }
    add(new Resize(order, size));
  }

  private void add(DataChange change) {
    pending.add(change);
    if (change instanceof Write write) {
      pendingBytes += write.bytes().length;
    }
  }

  /** Makes data and size durable. */
  void sync() {
    if (pending.isEmpty()) {
      return;
    }
    long low = durable.size();
    for (DataChange change : pending) {
      low = change instanceof Resize resize ? Math.min(low, resize.size()) : low;
    }
    if (low < durable.size()) {
      durable.resize(low);
    }
    for (DataChange change : pending) {
      if (change instanceof Write write) {
        long last = (write.end() - 1) / Pages.PAGE_BYTES;
        for (long page = write.offset() / Pages.PAGE_BYTES; page <= last; page++) {
          take(page);
        }
      }
    }
    durable.resize(current.size());
    clearPending();
  }

  /** Makes the sizes that were set durable, and none of what was written. */
  void commitSizes() {
    List<DataChange> writes = new ArrayList<>();
    for (DataChange change : pending) {
      if (change instanceof Resize resize) {
        durable.resize(resize.size());
        writes.replaceAll(write -> write instanceof Write w ? w.cut(resize.size()) : write);
        writes.removeIf(write -> write instanceof Write w && w.bytes().length == 0);
      } else {
        writes.add(change);
      }
    }
    if (writes.size() < pending.size()) {
      clearPending();
      writes.forEach(this::add);
    }
  }

  /** The page can be read as it is in the cache: take it over, and share it. */
  private void take(long page) {
    if (!dropped.contains(page)) {
      durable.put(page, current.page(page));
    }
  }

  /** A flush fails, and its pages count as written from now on. */
  void drop() {
    long size = durable.size();
    List<DataChange> sizes = new ArrayList<>();
    for (DataChange change : pending) {
      long after = change.sizeAfter(size);
      if (after != size) {
        sizes.add(new Resize(change.order(), after));
      }
      size = after;
      if (change instanceof Write write) {
        long last = (write.end() - 1) / Pages.PAGE_BYTES;
        for (long page = write.offset() / Pages.PAGE_BYTES; page <= last; page++) {
          dropped.add(page);
        }
      }
    }
    long pages = (size + Pages.PAGE_BYTES - 1) / Pages.PAGE_BYTES;
    dropped.removeIf(page -> page >= pages);
    clearPending();
    pending.addAll(sizes);
  }

  private void clearPending() {
    pending.clear();
    pendingBytes = 0;
  }
}
