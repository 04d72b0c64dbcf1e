package io.faultdisk.nio;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file: pages of {@link #PAGE_BYTES}, of which those that were never written take
 * no memory and read as zeros. Bytes from the size on are zeros, too.
 *
 * <p>The array of a page never changes once it is here, so that contents share pages, and a page
 * that is the same object in two contents needs no comparing. A snapshot shares the table of pages
 * until one of the two is changed. For one thread at a time.
 */
final class Pages {
  static final int PAGE_BYTES = 4096;

  private Map<Long, byte[]> pages = new HashMap<>();

  /** Whether somebody else has this table. */
  private boolean shared;

  private long size;

  /** The content, now. */
  Pages snapshot() {
    shared = true;
    Pages copy = new Pages();
    copy.pages = pages;
    copy.shared = true;
    copy.size = size;
    return copy;
  }

  /** In bytes. */
  long size() {
    return size;
  }

  /** How many pages take memory. */
  int count() {
    return pages.size();
  }

  /** The numbers of the pages that take memory. */
  Iterable<Long> numbers() {
    return pages.keySet();
  }

  /** A page, null if it was never written. Not to be changed. */
  byte @Nullable [] page(long number) {
    return pages.get(number);
  }

  /** Replaces a page, null for zeros. The array is not to be changed afterwards. */
  void put(long number, byte @Nullable [] page) {
    if (page == null) {
      own().remove(number);
    } else {
      own().put(number, page);
    }
  }

  /** Writes a part of an array; the size grows if it has to. */
  void write(long offset, byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      long at = offset + done;
      int inPage = (int) (at % PAGE_BYTES);
      int part = Math.min(length - done, PAGE_BYTES - inPage);
      byte[] old = pages.get(at / PAGE_BYTES);
      byte[] page = old == null || part == PAGE_BYTES ? new byte[PAGE_BYTES] : old.clone();
      System.arraycopy(bytes, from + done, page, inPage, part);
      own().put(at / PAGE_BYTES, page);
      done += part;
    }
    size = Math.max(size, offset + length);
  }

  /** Cuts or extends to a size; what is beyond it becomes zeros. */
  void resize(long newSize) {
    // A zero-filled page is as good as none, but telling costs more than keeping it.
    long tail = newSize / PAGE_BYTES;
    int inPage = (int) (newSize % PAGE_BYTES);
    if (newSize < size) {
      byte[] page = inPage == 0 ? null : pages.get(tail);
      if (page != null) {
        byte[] cut = page.clone();
        Arrays.fill(cut, inPage, PAGE_BYTES, (byte) 0);
        own().put(tail, cut);
      }
      long firstGone = inPage == 0 ? tail : tail + 1;
      own().keySet().removeIf(number -> number >= firstGone);
    }
    size = newSize;
  }

  /** Reads bytes, zeros where none were written or the size is passed. */
  void read(long offset, byte[] into, int from, int length) {
    int done = 0;
    while (done < length) {
      long at = offset + done;
      int inPage = (int) (at % PAGE_BYTES);
      int part = Math.min(length - done, PAGE_BYTES - inPage);
      byte[] page = pages.get(at / PAGE_BYTES);
      if (page == null) {
        Arrays.fill(into, from + done, from + done + part, (byte) 0);
      } else {
        System.arraycopy(page, inPage, into, from + done, part);
      }
      done += part;
    }
  }

  /** A range as an array of its own. */
  byte[] read(long offset, int length) {
    byte[] bytes = new byte[length];
    read(offset, bytes, 0, length);
    return bytes;
  }

  /** Whether size and all bytes are the same. */
  boolean sameAs(Pages other) {
    return size == other.size && covers(other) && other.covers(this);
  }

  /** Whether all pages that we have are the same in another content. */
  private boolean covers(Pages other) {
    byte[] zeros = new byte[PAGE_BYTES];
    for (Map.Entry<Long, byte[]> entry : pages.entrySet()) {
      byte[] page = other.pages.getOrDefault(entry.getKey(), zeros);
      // The same array is equal at once.
      if (!Arrays.equals(page, entry.getValue())) {
        return false;
      }
    }
    return true;
  }

  private Map<Long, byte[]> own() {
    if (shared) {
      pages = new HashMap<>(pages);
      shared = false;
    }
    return pages;
  }
}
