package io.faultdisk.cli.damage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/** All the ways in which an image is damaged, one at a time. */
final class Damages {
  /** An offset that is larger than any file here. */
  private static final long BEYOND = 1L << 40;

  private static final long OFFSETS = 0x00fffffffffffe00L;

  /** The real tools do not notice it until they have run out of something. */
  static final String LOOP = "backing file is the image";

  private static final long COPIED = 1L << 63;
  private static final long COMPRESSED = 1L << 62;

  private final SampleImage sample;
  private final long cluster;
  private final List<Damage> all = new ArrayList<>();

  private Damages(SampleImage sample) {
    this.sample = sample;
    this.cluster = sample.clusterSize();
  }

  static List<Damage> of(SampleImage sample) {
    Damages damages = new Damages(sample);
    damages.header();
    if (sample.version3()) {
      damages.header3();
      damages.extensions();
    }
    damages.l1();
    damages.l2();
    damages.refcounts();
    damages.snapshots();
    damages.bitmaps();
    damages.lengths();
    return damages.all;
  }

  private void add(String name, Consumer<ByteBuffer> change) {
    byte[] content = sample.content();
    change.accept(ByteBuffer.wrap(content));
    if (!Arrays.equals(content, sample.content())) {
      all.add(new Damage(sample, name, content));
    }
  }

  private void words(String name, int at, long... values) {
    for (long value : values) {
      add(name + " = " + Long.toHexString(value), image -> image.putLong(at, value));
    }
  }

  private void halves(String name, int at, int... values) {
    for (int value : values) {
      add(name + " = " + Integer.toHexString(value), image -> image.putInt(at, value));
    }
  }

  private void quarters(String name, int at, int... values) {
    for (int value : values) {
      add(name + " = " + Integer.toHexString(value), image -> image.putShort(at, (short) value));
    }
  }

  private void header() {
    halves("magic", 0, 0, 0x514649fa);
    halves("version", 4, 0, 1, 2, 3, 4, -1);
    words("backing file offset", 8, 1, 100, 4096, BEYOND, -1);
    add("backing file name of 0 bytes", image -> image.putLong(8, 300).putInt(16, 0));
    add("backing file name too long", image -> image.putLong(8, 200).putInt(16, 1024));
    add("backing file name endless", image -> image.putLong(8, 200).putInt(16, -1));
    add(LOOP, image -> backing(image, SampleImage.FILE));
    add("backing file is missing", image -> backing(image, "nowhere"));
    halves("cluster bits", 20, 0, 8, 9, 10, 12, 16, 21, 22, 31, 63, -1);
    long size = sample.diskSize();
    words("size", 24, 0, 1, 511, size - 1, size * 2, 1L << 50, 1L << 56, Long.MAX_VALUE, -1);
    halves("encryption", 32, 1, 2, 3, -1);
    int l1 = sample.l1Entries();
    halves("L1 entries", 36, 0, 1, l1 - 1, l1 + 1, 1 << 16, 1 << 22, (1 << 22) + 1, 1 << 30, -1);
    offsets("L1 offset", 40);
    offsets("refcount table offset", 48);
    halves("refcount table clusters", 56, 0, 2, 100, 1 << 20, -1);
    halves("snapshots", 60, 0, 1, 3, 65536, 65537, 1 << 24, -1);
    offsets("snapshot table offset", 64);
  }

  private void header3() {
    for (int bit : new int[] {0, 1, 2, 3, 4, 5, 6, 33, 63}) {
      for (int field : new int[] {72, 80, 88}) {
        add(
            "feature bit " + bit + " at " + field,
            image -> image.putLong(field, image.getLong(field) ^ (1L << bit)));
      }
    }
    add("dirty and corrupt", image -> image.putLong(72, image.getLong(72) | 3));
    halves("refcount order", 96, 0, 3, 4, 5, 6, 7, 31, -1);
    halves("header length", 100, 0, 72, 96, 103, 104, 105, 112, 120, 511, 512, 1 << 20, -1);
    halves("compression", 104, 1 << 24, 2 << 24, -1);
  }

  /** Extreme places, and those of other tables. */
  private void offsets(String name, int at) {
    long end = sample.length() & -cluster;
    words(name, at, 0, 1, 8, 512, cluster, -cluster, BEYOND, OFFSETS & -cluster, 1L << 62, -1);
    words(name, at, COPIED, end, end + cluster, sample.word(at) + 512);
    words(name, at, sample.l1(), sample.refcountTable(), sample.firstRefcountBlock());
    words(name, at, sample.tableBehind(sample.usedL1Entry()));
  }

  /** Puts a backing file name where the extensions were. */
  private void backing(ByteBuffer image, String file) {
    int at = sample.headerBytes() + 8;
    for (int i = 0; i < file.length(); i++) {
      image.put(at + i, (byte) file.charAt(i));
    }
    image.putLong(sample.headerBytes(), 0).putLong(8, at).putInt(16, file.length());
  }

  private void extensions() {
    int at = sample.headerBytes();
    int[] types = {0, 1, 0xe2792aca, 0x44415441, 0x23852875, 0x0537be77, 0x6803f857, -1};
    for (int type : types) {
      halves("first extension's type", at, type);
      for (int length : new int[] {0, 1, 7, 8, 16, 24, 25, 256, 1 << 16, 1 << 28, -8, -1}) {
        add(
            "extension " + Integer.toHexString(type) + " of " + length,
            image -> image.putInt(at, type).putInt(at + 4, length));
      }
    }
    add(
        "extensions without end",
        image -> {
          for (int i = at; i + 8 <= Math.min(cluster, 4096); i += 8) {
            image.putInt(i, 0x12345678).putInt(i + 4, 0);
          }
        });
  }

  private void l1() {
    int at = sample.usedL1Entry();
    entry("L1 entry", at);
    words("L1 entry", at, sample.word(at) ^ COPIED, sample.word(at) | 1, COMPRESSED);
    int empty = sample.l1() + (sample.l1Entries() - 1) * 8;
    if (sample.word(empty) == 0) {
      words("empty L1 entry", empty, 1, COPIED, sample.word(at), BEYOND, sample.word(at) + 512);
    }
    add(
        "all L1 entries alike",
        image -> {
          for (int i = 0; i < sample.l1Entries(); i++) {
            image.putLong(sample.l1() + i * 8, sample.word(at));
          }
        });
  }

  /** An entry of an L1 or L2 table. */
  private void entry(String name, int at) {
    long old = sample.word(at);
    words(name, at, 0, COPIED, BEYOND | COPIED, OFFSETS, OFFSETS | COPIED, -1, old + 512);
    words(name, at, old | (1L << 57), old | (1L << 61), old | 2, old | 256, old + cluster);
    words(name, at, COPIED | sample.l1(), COPIED | sample.refcountTable(), COPIED | cluster);
    words(name, at, COPIED | sample.firstRefcountBlock(), sample.length() & -cluster);
    words(name, at, COPIED | sample.tableBehind(sample.usedL1Entry()));
  }

  /** One entry of each kind. */
  private void l2() {
    int table = sample.tableBehind(sample.usedL1Entry());
    TreeSet<String> kinds = new TreeSet<>();
    for (int at = table; at < table + cluster; at += sample.l2EntryBytes()) {
      String kind = kind(sample.word(at));
      if (kinds.add(kind)) {
        l2("L2 entry (" + kind + ")", at);
      }
    }
  }

  private static String kind(long entry) {
    if ((entry & COMPRESSED) != 0) {
      return "compressed";
    }
    boolean cluster = (entry & OFFSETS) != 0;
    if ((entry & 1) != 0) {
      return cluster ? "zero cluster" : "zero";
    }
    return cluster ? "data" : "empty";
  }

  private void l2(String name, int at) {
    long old = sample.word(at);
    entry(name, at);
    words(name, at, old ^ COPIED, old ^ 1, old ^ COMPRESSED, 513, COPIED | 1, COMPRESSED);
    words(name, at, COMPRESSED | COPIED, -1L >>> 1, COMPRESSED | (1L << 61), COMPRESSED | BEYOND);
    words(name, at, (old + 512) | 1, (BEYOND + 512) | 1, COMPRESSED | 0x3ff0000000000000L);
    words(name, at, COMPRESSED | sample.l1(), sample.word(at + sample.l2EntryBytes()));
    if (sample.extendedL2()) {
      long bitmap = sample.word(at + 8);
      words(name + " bitmap", at + 8, 0, -1, 1, 1L << 32, ~bitmap, 1L | (1L << 32), bitmap << 1);
      add(
          name + " misplaced, no data",
          image -> image.putLong(at, old + 512).putLong(at + 8, -1L << 32));
    }
  }

  private void refcounts() {
    int table = sample.refcountTable();
    offsets("refcount table entry", table);
    words("refcount table entry", table, sample.word(table) | 1, sample.word(table) | 256, -512);
    offsets("second refcount table entry", table + 8);
    int block = sample.firstRefcountBlock();
    int bytes = Math.max(1, (1 << sample.refcountOrder()) / 8);
    int clusters = (int) (sample.length() / cluster);
    for (int i = 0; i < clusters; i += i < 12 ? 1 : 5) {
      refcount("refcount of " + i, block + i * bytes, bytes);
    }
    refcount("refcount behind the end", block + (clusters + 3) * bytes, bytes);
    add(
        "no refcounts",
        image -> {
          for (int i = 0; i < cluster; i += 8) {
            image.putLong(block + i, 0);
          }
        });
  }

  private void refcount(String name, int at, int bytes) {
    switch (bytes) {
      case 1 -> {
        for (int value : new int[] {0, 1, 0x55, 0xff}) {
          add(name + " = " + value, image -> image.put(at, (byte) value));
        }
      }
      case 2 -> quarters(name, at, 0, 1, 2, 3, 4, 0x8000, 0xffff);
      default -> words(name, at, 0, 1, 2, 3, 4, Long.MIN_VALUE, -1);
    }
  }

  private void snapshots() {
    int at = sample.snapshotTable();
    for (int i = 0; i < sample.snapshots(); i++) {
      String name = "snapshot " + i + " ";
      offsets(name + "L1 offset", at);
      int entries = sample.half(at + 8);
      halves(name + "L1 entries", at + 8, 0, 1, entries + 1, 1 << 22, (1 << 22) + 1, 1 << 30, -1);
      quarters(name + "id length", at + 12, 0, 2, 100, 0xffff);
      quarters(name + "name length", at + 14, 0, 2, 100, 0xffff);
      halves(name + "VM state", at + 32, 1, -1);
      int extra = sample.half(at + 36);
      halves(name + "extra length", at + 36, 0, 8, 16, 20, 25, 1024, 1025, 1 << 20, -1);
      words(name + "disk size", at + 48, 0, 512, sample.diskSize() * 2, 1L << 60, -1);
      halves(name + "id", at + 40 + extra, 0, -1);
      int l1 = (int) sample.word(at);
      entry(name + "L1 entry", l1);
      entry(name + "L2 entry", sample.tableBehind(l1));
      int end = at + 40 + extra + sample.quarter(at + 12) + sample.quarter(at + 14);
      at = (end + 7) & -8;
    }
  }

  private void bitmaps() {
    int extension = sample.bitmapsExtension();
    if (extension == 0) {
      return;
    }
    halves("bitmaps", extension, 0, 2, 65535, 65536, -1);
    halves("bitmaps reserved field", extension + 4, 1);
    words("bitmap directory size", extension + 8, 0, 8, 24, 40, 1024, 1L << 27, 1L << 62, -1);
    offsets("bitmap directory offset", extension + 16);
    int entry = (int) sample.word(extension + 16);
    offsets("bitmap table offset", entry);
    halves("bitmap table size", entry + 8, 0, 2, 1000, 1 << 27, (1 << 27) + 1, -1);
    halves("bitmap flags", entry + 12, 0, 1, 3, 4, -1);
    halves("bitmap type", entry + 16, 0, -1, 0x01080005, 0x01200005, 0x0209ffff);
    halves("bitmap extra data", entry + 20, 1, 8, 1 << 20, -1);
    int table = (int) sample.word(entry);
    offsets("bitmap table entry", table);
    words("bitmap table entry", table, 2, 3, sample.word(table) | 1);
  }

  private void lengths() {
    TreeSet<Integer> lengths = new TreeSet<>(List.of(0, 1, 4, 71, 72, 100, 104, 111, 112, 511));
    for (int at = (int) cluster; at < sample.length(); at += (int) cluster) {
      if (at < 10 * cluster || at > sample.length() - 4 * cluster) {
        lengths.add(at);
        lengths.add(at + 256);
      }
    }
    lengths.add(sample.length() + 3 * (int) cluster + 100);
    for (int length : lengths) {
      byte[] content = Arrays.copyOf(sample.content(), length);
      if (length != sample.length()) {
        all.add(new Damage(sample, length + " bytes long", content));
      }
    }
  }
}
