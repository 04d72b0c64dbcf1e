package io.faultdisk.explore.disk;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that begins as some {@link DiskContent} and copies the pages it changes, so that
 * beginning costs nothing. Not safe by itself: {@link MediumDriver} locks.
 */
final class DiskOverlay {
  private static final byte[] ZEROES = new byte[DiskContent.PAGE];

  /** So many pages are looked at one by one; behind them it is quicker to ask which there are. */
  private static final int NEAR = 1024;

  private final DiskContent base;
  private final Map<Long, byte[]> changed = new HashMap<>();

  /** Pages below this still show through; a shrunk disk does not show what was behind its end. */
  private long baseEnd;

  private long size;

  DiskOverlay(DiskContent base) {
    this.base = base;
    this.size = base.size();
    this.baseEnd = base.size();
  }

  long size() {
    return size;
  }

  private byte @Nullable [] page(long index) {
    byte[] page = changed.get(index);
    if (page != null) {
      return page;
    }
    return index << DiskContent.PAGE_BITS < baseEnd ? base.page(index) : null;
  }

  /** Whether the page may hold something else than zeroes. */
  boolean holds(long index) {
    return page(index) != null;
  }

  /**
   * The first page from {@code index} on, and before {@code end}, that may hold something else than
   * zeroes; {@code end} if there is none.
   */
  long nextHeld(long index, long end) {
    long near = Math.min(end, index + NEAR);
    for (long at = index; at < near; at++) {
      if (holds(at)) {
        return at;
      }
    }
    long next = end;
    if (near < end) {
      for (Set<Long> held : List.of(base.pages().keySet(), changed.keySet())) {
        for (long at : held) {
          if (at >= near && at < next && holds(at)) {
            next = at;
          }
        }
      }
    }
    return next;
  }

  private byte[] pageForWrite(long index) {
    byte[] page = changed.get(index);
    if (page == null) {
      byte[] below = page(index);
      page = below == null ? new byte[DiskContent.PAGE] : below.clone();
      changed.put(index, page);
    }
    return page;
  }

  void read(long offset, ByteBuffer target) {
    long at = offset;
    while (target.hasRemaining()) {
      int inPage = (int) (at & (DiskContent.PAGE - 1));
      int count = Math.min(target.remaining(), DiskContent.PAGE - inPage);
      byte[] page = page(at >>> DiskContent.PAGE_BITS);
      target.put(page == null ? ZEROES : page, inPage, count);
      at += count;
    }
  }

  void write(long offset, ByteBuffer source) {
    long at = offset;
    while (source.hasRemaining()) {
      int inPage = (int) (at & (DiskContent.PAGE - 1));
      int count = Math.min(source.remaining(), DiskContent.PAGE - inPage);
      source.get(pageForWrite(at >>> DiskContent.PAGE_BITS), inPage, count);
      at += count;
    }
    size = Math.max(size, at);
  }

  void zero(long offset, long bytes) {
    long at = offset;
    long end = offset + bytes;
    while (at < end) {
      int inPage = (int) (at & (DiskContent.PAGE - 1));
      int count = (int) Math.min(end - at, DiskContent.PAGE - inPage);
      long index = at >>> DiskContent.PAGE_BITS;
      if (page(index) != null) {
        System.arraycopy(ZEROES, 0, pageForWrite(index), inPage, count);
      }
      at += count;
    }
    size = Math.max(size, end);
  }

  void truncate(long newSize) {
    if (newSize < size) {
      long cut = (newSize + DiskContent.PAGE - 1) >>> DiskContent.PAGE_BITS;
      changed.keySet().removeIf(index -> index >= cut);
      baseEnd = Math.min(baseEnd, newSize);
      int inPage = (int) (newSize & (DiskContent.PAGE - 1));
      if (inPage != 0 && page(newSize >>> DiskContent.PAGE_BITS) != null) {
        byte[] last = pageForWrite(newSize >>> DiskContent.PAGE_BITS);
        System.arraycopy(ZEROES, 0, last, inPage, DiskContent.PAGE - inPage);
      }
    }
    size = newSize;
  }

  /** What it holds now. Later changes do not show. */
  DiskContent snapshot() {
    Map<Long, byte[]> pages = new HashMap<>();
    Set<Long> indices = new HashSet<>(base.pages().keySet());
    indices.addAll(changed.keySet());
    for (long index : indices) {
      byte[] page = page(index);
      if (page != null) {
        pages.put(index, changed.containsKey(index) ? page.clone() : page);
      }
    }
    return new DiskContent(pages, size);
  }
}
