package io.faultdisk.explore.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is on a disk at one moment: pages of 4 KiB, of which those that are all zero need not be
 * there. Never changes; safe from any thread.
 */
public final class DiskContent {
  static final int PAGE_BITS = 12;
  static final int PAGE = 1 << PAGE_BITS;

  private static final byte[] ZEROES = new byte[PAGE];

  private final Map<Long, byte[]> pages;
  private final long size;

  DiskContent(Map<Long, byte[]> pages, long size) {
    this.pages = pages;
    this.size = size;
  }

  /** A disk of so many bytes, all zero. */
  public static DiskContent empty(long size) {
    return new DiskContent(Map.of(), size);
  }

  /**
   * What is in a file now; later changes do not show.
   *
   * @throws IOException if it cannot be read
   */
  public static DiskContent of(Path file) throws IOException {
    Map<Long, byte[]> pages = new HashMap<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer page = ByteBuffer.allocate(PAGE);
      for (long index = 0; index << PAGE_BITS < size; index++) {
        page.clear();
        while (page.hasRemaining()
            && channel.read(page, (index << PAGE_BITS) + page.position()) > 0) {
          // Reads may be short.
        }
        byte[] bytes = new byte[PAGE];
        page.flip().get(bytes, 0, page.limit());
        if (!java.util.Arrays.equals(bytes, ZEROES)) {
          pages.put(index, bytes);
        }
      }
      return new DiskContent(pages, size);
    }
  }

  /** Length in bytes. */
  public long size() {
    return size;
  }

  /** The page, or null if it is all zero. Not to be changed. */
  byte @Nullable [] page(long index) {
    return pages.get(index);
  }

  Map<Long, byte[]> pages() {
    return pages;
  }

  /** Reads bytes; what lies behind the end reads as zeroes. */
  public void read(long offset, byte[] target, int at, int bytes) {
    int done = 0;
    while (done < bytes) {
      long place = offset + done;
      int inPage = (int) (place & (PAGE - 1));
      int count = Math.min(bytes - done, PAGE - inPage);
      byte[] page = pages.get(place >>> PAGE_BITS);
      System.arraycopy(page == null ? ZEROES : page, inPage, target, at + done, count);
      done += count;
    }
  }

  /** Writes all of it to a new file, sparse where it is zero. */
  public void writeTo(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      if (size > 0) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
      for (Map.Entry<Long, byte[]> entry : pages.entrySet()) {
        long offset = entry.getKey() << PAGE_BITS;
        ByteBuffer page =
            ByteBuffer.wrap(entry.getValue(), 0, (int) Math.min(PAGE, Math.max(0, size - offset)));
        while (page.hasRemaining()) {
          channel.write(page, offset + page.position());
        }
      }
    }
  }
}
