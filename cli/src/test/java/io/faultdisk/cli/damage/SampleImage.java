package io.faultdisk.cli.damage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * A sound image, made with qemu-img and qemu-io 7.2, and where its tables are.
 *
 * <pre>
 *   plain     64k clusters: data, zeroes with and without cluster, compressed
 *   small     512-byte clusters, two snapshots, compressed
 *   marks     512-byte clusters, two bitmaps
 *   old       version 2, 4k clusters, a snapshot, compressed
 *   sub       16k clusters with subclusters
 *   bits1     1-bit refcounts, 1k clusters
 *   bits64    64-bit refcounts, 1k clusters, a snapshot
 *   external  4k clusters in an external data file, data.raw
 *   overlay   4k clusters over base.raw
 * </pre>
 *
 * <p>Offsets are bytes of the image file. Immutable.
 */
final class SampleImage {
  static final String FILE = "disk.qcow2";
  private static final List<String> NAMES =
      List.of("plain", "small", "marks", "old", "sub", "bits1", "bits64", "external", "overlay");
  private static final int BITMAPS = 0x23852875;

  private final String name;
  private final byte[] content;
  private final Map<String, byte[]> companions;
  private final ByteBuffer view;

  private SampleImage(String name, Map<String, byte[]> companions) throws IOException {
    this.name = name;
    this.content = unpacked(name + ".qcow2");
    this.companions = companions;
    this.view = ByteBuffer.wrap(content);
  }

  static List<SampleImage> all() {
    return NAMES.stream().map(SampleImage::named).toList();
  }

  static SampleImage named(String name) {
    try {
      return switch (name) {
        case "external" -> new SampleImage(name, Map.of("data.raw", unpacked("data.raw")));
        case "overlay" -> new SampleImage(name, Map.of("base.raw", unpacked("base.raw")));
        default -> new SampleImage(name, Map.of());
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] unpacked(String file) throws IOException {
    try (InputStream packed = SampleImage.class.getResourceAsStream(file + ".gz")) {
      return new GZIPInputStream(Objects.requireNonNull(packed, file)).readAllBytes();
    }
  }

  String name() {
    return name;
  }

  /** A copy. */
  byte[] content() {
    return content.clone();
  }

  int length() {
    return content.length;
  }

  /** The files of a directory in which the image has this content. */
  Map<String, byte[]> with(byte[] changed) {
    Map<String, byte[]> files = new TreeMap<>(companions);
    files.put(FILE, changed);
    return files;
  }

  boolean version3() {
    return view.getInt(4) == 3;
  }

  int headerBytes() {
    return version3() ? view.getInt(100) : 72;
  }

  int clusterSize() {
    return 1 << view.getInt(20);
  }

  long diskSize() {
    return view.getLong(24);
  }

  int l1Entries() {
    return view.getInt(36);
  }

  int l1() {
    return (int) view.getLong(40);
  }

  int refcountTable() {
    return (int) view.getLong(48);
  }

  int firstRefcountBlock() {
    return (int) view.getLong(refcountTable());
  }

  int refcountOrder() {
    return version3() ? view.getInt(96) : 4;
  }

  int snapshots() {
    return view.getInt(60);
  }

  int snapshotTable() {
    return (int) view.getLong(64);
  }

  boolean extendedL2() {
    return version3() && (view.getLong(72) & 16) != 0;
  }

  int l2EntryBytes() {
    return extendedL2() ? 16 : 8;
  }

  /** Where the first L1 entry is that has a table. */
  int usedL1Entry() {
    int at = l1();
    while (view.getLong(at) == 0) {
      at += 8;
    }
    return at;
  }

  /** The L2 table behind an L1 entry. */
  int tableBehind(int l1Entry) {
    return (int) (view.getLong(l1Entry) & 0x00fffffffffffe00L);
  }

  /** Where the bitmaps extension's data are; 0 if there is none. */
  int bitmapsExtension() {
    int at = headerBytes();
    while (view.getInt(at) != 0) {
      if (view.getInt(at) == BITMAPS) {
        return at + 8;
      }
      at += 8 + ((view.getInt(at + 4) + 7) & -8);
    }
    return 0;
  }

  long word(int at) {
    return view.getLong(at);
  }

  int half(int at) {
    return view.getInt(at);
  }

  int quarter(int at) {
    return view.getShort(at) & 0xffff;
  }
}
