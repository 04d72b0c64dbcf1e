package io.faultdisk.explore.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;

/**
 * A disk as a text: base64 of a compressed tar archive with one file, whose holes are not stored.
 *
 * <p>The file is in the old sparse format of GNU tar, which GNU and BSD tar read: type {@code S},
 * pairs of offset and length at 386 of the header, then blocks of 21 more pairs, then the data.
 */
final class PackedDisk {
  /** More is no help to anybody in a report. */
  private static final int TEXT_MOST = 256 << 10;

  private static final int BLOCK = 512;
  private static final int NUMBER = 12;
  private static final int PAIRS_IN_HEADER = 4;
  private static final int PAIRS_IN_BLOCK = 21;
  private static final int LINE = 76;

  private PackedDisk() {}

  /** A run of bytes that are stored. */
  private record Extent(long offset, long bytes) {}

  /** The text, in lines; empty if it would be too long. */
  static Optional<String> text(DiskContent content, String name) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream tar = new GZIPOutputStream(packed)) {
      write(content, name, tar);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    if (packed.size() > TEXT_MOST / 4 * 3) {
      return Optional.empty();
    }
    Base64.Encoder lines = Base64.getMimeEncoder(LINE, new byte[] {'\n'});
    return Optional.of(lines.encodeToString(packed.toByteArray()) + "\n");
  }

  private static void write(DiskContent content, String name, OutputStream tar) throws IOException {
    List<Extent> extents = extents(content);
    // An end that is a hole is told by an extent of no bytes.
    extents.add(new Extent(content.size(), 0));
    long stored = 0;
    for (Extent extent : extents) {
      stored += extent.bytes();
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, octal(stored));
    put(header, 136, octal(0));
    header[156] = 'S';
    put(header, 257, "ustar  \0");
    int next = pairs(header, 386, PAIRS_IN_HEADER, extents, 0);
    header[482] = (byte) (next < extents.size() ? 1 : 0);
    put(header, 483, octal(content.size()));
    checksum(header);
    tar.write(header);
    while (next < extents.size()) {
      byte[] block = new byte[BLOCK];
      next = pairs(block, 0, PAIRS_IN_BLOCK, extents, next);
      block[PAIRS_IN_BLOCK * 2 * NUMBER] = (byte) (next < extents.size() ? 1 : 0);
      tar.write(block);
    }
    for (Extent extent : extents) {
      byte[] data = new byte[(int) extent.bytes()];
      content.read(extent.offset(), data, 0, data.length);
      tar.write(data);
    }
    long padding = -stored & (BLOCK - 1);
    tar.write(new byte[(int) padding + 2 * BLOCK]);
  }

  private static int pairs(byte[] block, int at, int most, List<Extent> extents, int from) {
    int next = from;
    for (int i = 0; i < most && next < extents.size(); i++, next++) {
      put(block, at + i * 2 * NUMBER, octal(extents.get(next).offset()));
      put(block, at + i * 2 * NUMBER + NUMBER, octal(extents.get(next).bytes()));
    }
    return next;
  }

  private static List<Extent> extents(DiskContent content) {
    List<Extent> extents = new ArrayList<>();
    for (long page : new TreeSet<>(content.pages().keySet())) {
      long offset = page << DiskContent.PAGE_BITS;
      long end = Math.min(offset + DiskContent.PAGE, content.size());
      if (offset >= end) {
        continue;
      }
      Extent last = extents.isEmpty() ? new Extent(-1, 0) : extents.getLast();
      if (last.offset() + last.bytes() == offset && last.bytes() < 1 << 20) {
        extents.set(extents.size() - 1, new Extent(last.offset(), end - last.offset()));
      } else {
        extents.add(new Extent(offset, end - offset));
      }
    }
    return extents;
  }

  private static String octal(long number) {
    return String.format(Locale.ROOT, "%011o\0", number);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static void checksum(byte[] header) {
    put(header, 148, "        ");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
  }
}
