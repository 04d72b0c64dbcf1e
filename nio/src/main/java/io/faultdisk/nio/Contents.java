package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Files to {@link Pages} and back, below us, where there are no faults. */
final class Contents {
  /** Up to here a file is written with one call. */
  private static final int SMALL_BYTES = 1 << 16;

  private static final byte[] ZEROS = new byte[Pages.PAGE_BYTES];

  private Contents() {}

  /** Reads a file, holes as holes. */
  static Pages read(Path file) throws IOException {
    Pages content = new Pages();
    try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.READ)) {
      long offset = 0;
      for (boolean more = true; more; ) {
        byte[] page = new byte[Pages.PAGE_BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(page);
        do {
          more = channel.read(buffer) >= 0;
        } while (more && buffer.hasRemaining());
        if (!Arrays.equals(page, ZEROS)) {
          content.put(offset / Pages.PAGE_BYTES, page);
        }
        offset += buffer.position();
      }
      content.resize(offset);
    }
    return content;
  }

  /** Makes a file that is not there yet. */
  static void create(Path file, Pages content) throws IOException {
    if (content.size() <= SMALL_BYTES) {
      byte[] bytes = content.read(0, (int) content.size());
      Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return;
    }
    Files.createFile(file);
    rewrite(file, content, new Pages());
  }

  /** Changes a file from what it was, in as few places as possible. */
  static void rewrite(Path file, Pages is, Pages was) throws IOException {
    TreeSet<Long> pages = new TreeSet<>();
    is.numbers().forEach(pages::add);
    was.numbers().forEach(pages::add);
    try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(is.size());
      for (long page : pages) {
        long offset = page * Pages.PAGE_BYTES;
        int bytes = (int) Math.min(Pages.PAGE_BYTES, is.size() - offset);
        byte[] wanted = orZeros(is.page(page));
        if (bytes > 0 && !Arrays.equals(wanted, orZeros(was.page(page)))) {
          write(channel, offset, wanted, bytes);
        }
      }
      if (channel.size() < is.size()) {
        write(channel, is.size() - 1, ZEROS, 1);
      }
    }
  }

  private static byte[] orZeros(byte @Nullable [] page) {
    return page == null ? ZEROS : page;
  }

  private static void write(SeekableByteChannel channel, long offset, byte[] bytes, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
    channel.position(offset);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
