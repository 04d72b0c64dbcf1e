package io.faultdisk.fuzz;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * A file in memory that outlives whoever opens it and counts its changes. Sparse, and bounded as a
 * file may be: what would be stored beyond {@value #END_MAX} bytes fails with EFBIG, and what would
 * need more than {@value #PAGES_MAX} pages with ENOSPC. Any thread.
 */
final class Disk {
  static final long END_MAX = 256L << 20;
  private static final int PAGES_MAX = 8192;
  private static final int PAGE = 4096;

  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long length;
  private int changes;

  Disk(byte[] content) {
    for (int at = 0; at < content.length; at += PAGE) {
      byte[] page = new byte[PAGE];
      System.arraycopy(content, at, page, 0, Math.min(PAGE, content.length - at));
      pages.put((long) at / PAGE, page);
    }
    length = content.length;
  }

  synchronized long length() {
    return length;
  }

  /** How often something was written, whether or not it was something else than before. */
  synchronized int changes() {
    return changes;
  }

  synchronized void read(long offset, ByteBuffer target) {
    long at = offset;
    while (target.hasRemaining()) {
      int inPage = (int) (at % PAGE);
      int count = Math.min(target.remaining(), PAGE - inPage);
      byte[] page = pages.get(at / PAGE);
      target.put(page != null ? page : new byte[PAGE], inPage, count);
      at += count;
    }
  }

  synchronized void write(long offset, ByteBuffer source) throws BlockIoException {
    requireWithin(offset, source.remaining());
    changes++;
    long at = offset;
    while (source.hasRemaining()) {
      int inPage = (int) (at % PAGE);
      int count = Math.min(source.remaining(), PAGE - inPage);
      if (pages.size() >= PAGES_MAX && !pages.containsKey(at / PAGE)) {
        throw new BlockIoException(Errno.ENOSPC);
      }
      source.get(pages.computeIfAbsent(at / PAGE, index -> new byte[PAGE]), inPage, count);
      at += count;
    }
    length = Math.max(length, at);
  }

  synchronized void zero(long offset, long bytes) throws BlockIoException {
    requireWithin(offset, bytes);
    changes++;
    clear(offset, offset + bytes);
    length = Math.max(length, offset + bytes);
  }

  private void clear(long from, long to) {
    pages
        .subMap(from / PAGE, true, (to - 1) / PAGE, true)
        .forEach(
            (index, page) -> {
              long start = index * PAGE;
              int first = (int) Math.max(0, from - start);
              int last = (int) Math.min(PAGE, to - start);
              Arrays.fill(page, first, last, (byte) 0);
            });
  }

  synchronized void truncate(long newLength) throws BlockIoException {
    requireWithin(newLength, 0);
    changes++;
    if (newLength < length) {
      clear(newLength, length);
      pages.tailMap((newLength + PAGE - 1) / PAGE, true).clear();
    }
    length = newLength;
  }

  private static void requireWithin(long offset, long bytes) throws BlockIoException {
    if (offset < 0 || bytes < 0 || offset > Long.MAX_VALUE - bytes) {
      throw new AssertionError("a change of " + bytes + " bytes at " + offset);
    }
    if (offset + bytes > END_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
  }
}
