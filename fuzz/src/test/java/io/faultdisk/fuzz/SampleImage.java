package io.faultdisk.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * One of the sound images of the damage tests, and where its metadata is.
 *
 * @param content not to be changed
 * @param areas stretches of metadata, in the order: header, extensions, L1, L2, refcounts, then
 *     what snapshots and bitmaps have
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SampleImage(String name, byte[] content, int clusterSize, List<Area> areas) {
  private static final List<String> NAMES =
      List.of("marks", "small", "bits1", "bits64", "external", "overlay", "old", "sub", "plain");
  private static final int BITMAPS = 0x23852875;
  private static final long OFFSETS = 0x00fffffffffffe00L;
  private static final int TABLES_MAX = 3;

  static final List<SampleImage> ALL = NAMES.stream().map(SampleImage::load).toList();

  /** Some bytes of an image. */
  record Area(int offset, int bytes) {}

  private static SampleImage load(String name) {
    String file = "/io/faultdisk/cli/damage/" + name + ".qcow2.gz";
    try (InputStream packed = SampleImage.class.getResourceAsStream(file)) {
      if (packed == null) {
        throw new IllegalStateException("there is no " + file);
      }
      byte[] content = new GZIPInputStream(packed).readAllBytes();
      ByteBuffer image = ByteBuffer.wrap(content);
      return new SampleImage(name, content, 1 << image.getInt(20), areas(image));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Area> areas(ByteBuffer image) {
    List<Area> areas = new ArrayList<>();
    boolean version3 = image.getInt(4) == 3;
    int header = version3 ? image.getInt(100) : 72;
    areas.add(new Area(0, 112));
    areas.add(new Area(header, 256));
    tables(image, areas, (int) image.getLong(40), image.getInt(36));
    int refcounts = (int) image.getLong(48);
    tables(image, areas, refcounts, 4);
    int at = (int) image.getLong(64);
    for (int i = image.getInt(60); i > 0; i--) {
      areas.add(new Area(at, 80));
      tables(image, areas, (int) image.getLong(at), image.getInt(at + 8));
      int bytes = 40 + image.getInt(at + 36) + image.getShort(at + 12) + image.getShort(at + 14);
      at += (bytes + 7) & -8;
    }
    if (version3) {
      bitmaps(image, areas, header);
    }
    return areas;
  }

  /** A table and some of those that it leads to. */
  private static void tables(ByteBuffer image, List<Area> areas, int offset, int entries) {
    areas.add(new Area(offset, entries * Long.BYTES));
    int found = 0;
    for (int i = 0; i < entries && found < TABLES_MAX; i++) {
      int table = (int) (image.getLong(offset + i * Long.BYTES) & OFFSETS);
      if (table != 0) {
        areas.add(new Area(table, 128));
        found++;
      }
    }
  }

  private static void bitmaps(ByteBuffer image, List<Area> areas, int header) {
    int at = header;
    while (image.getInt(at) != 0) {
      if (image.getInt(at) == BITMAPS) {
        int directory = (int) image.getLong(at + 24);
        areas.add(new Area(directory, 96));
        areas.add(new Area((int) image.getLong(directory), 64));
      }
      at += 8 + ((image.getInt(at + 4) + 7) & -8);
    }
  }
}
