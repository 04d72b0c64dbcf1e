package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Lays a {@link Header} out as the first cluster of an image.
 *
 * <pre>
 *   offset  bytes  field (big-endian)                offset  bytes  field, version 3 only
 *        0      4  magic                                 72      8  incompatible features
 *        4      4  version                               80      8  compatible features
 *        8      8  offset of the backing file name       88      8  autoclear features
 *       16      4  its length                            96      4  refcount order
 *       20      4  cluster bits                         100      4  header length
 *       24      8  disk size                            104      1  compression type
 *       32      4  encryption method                    105      7  zero
 *       36      4  L1 entries                           112         fields that we do not know
 *       40      8  L1 offset
 *       48      8  refcount table offset             then the extensions, each padded to 8 bytes, the
 *       56      4  refcount table clusters           end mark, the backing file name, and zeroes
 *       60      4  snapshots
 *       64      8  snapshot table offset
 * </pre>
 */
final class HeaderWriter {
  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
  static final int EXTENSION_FEATURE_NAMES = 0x6803f857;
  static final int EXTENSION_CRYPTO = 0x0537be77;
  static final int EXTENSION_BITMAPS = 0x23852875;
  static final int EXTENSION_DATA_FILE = 0x44415441;

  static final int BITMAPS_BYTES = 24;

  /** In the feature name table: one byte kind, one byte bit number, and the name. */
  static final int FEATURE_BYTES = 48;

  /** With smaller clusters the feature names would leave no room for a backing file name. */
  private static final int FEATURE_NAMES_CLUSTER_MIN = 4096;

  private static final int BACKING_OFFSET = 8;
  private static final int BACKING_BYTES = 16;

  private HeaderWriter() {}

  /**
   * The whole cluster.
   *
   * @throws BlockIoException ENOSPC if the header does not fit in it
   */
  static ByteBuffer cluster(Header header) throws BlockIoException {
    ByteBuffer cluster = ByteBuffer.allocate(1 << header.clusterBits());
    try {
      fields(cluster, header);
      extensions(cluster, header);
      String name = header.backing().map(BackingReference::filename).orElse("");
      if (!name.isEmpty()) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        cluster.putLong(BACKING_OFFSET, cluster.position());
        cluster.putInt(BACKING_BYTES, bytes.length);
        cluster.put(bytes);
      }
    } catch (BufferOverflowException e) {
      throw new BlockIoException(Errno.ENOSPC);
    }
    return cluster.clear();
  }

  private static void fields(ByteBuffer to, Header header) {
    to.putInt(Header.MAGIC).putInt(header.version());
    to.putLong(0).putInt(0); // the backing file name, if there is one, is filled in last
    to.putInt(header.clusterBits()).putLong(header.diskBytes()).putInt(header.cryptMethod());
    to.putInt(header.l1Entries()).putLong(header.l1Offset());
    to.putLong(header.refcountTableOffset()).putInt(header.refcountTableClusters());
    to.putInt(header.snapshotCount()).putLong(header.snapshotsOffset());
    if (header.version() >= 3) {
      to.putLong(header.incompatible()).putLong(header.compatible()).putLong(header.autoclear());
      to.putInt(header.refcountOrder());
      to.putInt(Header.V3_BYTES + header.unknownFields().length);
      to.put((byte) header.compression()).position(Header.V3_BYTES);
    }
    to.put(header.unknownFields());
  }

  private static void extensions(ByteBuffer to, Header header) {
    header
        .backing()
        .flatMap(BackingReference::format)
        .ifPresent(format -> extension(to, EXTENSION_BACKING_FORMAT, text(format)));
    if ((header.incompatible() & Features.INCOMPATIBLE_DATA_FILE) != 0) {
      header.dataFileName().ifPresent(name -> extension(to, EXTENSION_DATA_FILE, text(name)));
    }
    if (header.version() >= 3 && 1 << header.clusterBits() > FEATURE_NAMES_CLUSTER_MIN) {
      extension(to, EXTENSION_FEATURE_NAMES, featureNames());
    }
    header
        .bitmaps()
        .ifPresent(
            bitmaps ->
                extension(
                    to,
                    EXTENSION_BITMAPS,
                    ByteBuffer.allocate(BITMAPS_BYTES)
                        .putInt(bitmaps.count())
                        .putInt(0)
                        .putLong(bitmaps.directoryBytes())
                        .putLong(bitmaps.directoryOffset())
                        .array()));
    for (Header.Extension unknown : header.unknownExtensions()) {
      extension(to, unknown.magic(), unknown.data());
    }
    extension(to, EXTENSION_END, new byte[0]);
  }

  private static void extension(ByteBuffer to, int magic, byte[] data) {
    int padding = -data.length & 7;
    to.putInt(magic).putInt(data.length).put(data).put(new byte[padding]);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] featureNames() {
    ByteBuffer table = ByteBuffer.allocate(8 * FEATURE_BYTES);
    feature(table, Features.KIND_INCOMPATIBLE, Features.INCOMPATIBLE_DIRTY, "dirty bit");
    feature(table, Features.KIND_INCOMPATIBLE, Features.INCOMPATIBLE_CORRUPT, "corrupt bit");
    feature(
        table, Features.KIND_INCOMPATIBLE, Features.INCOMPATIBLE_DATA_FILE, "external data file");
    feature(
        table, Features.KIND_INCOMPATIBLE, Features.INCOMPATIBLE_COMPRESSION, "compression type");
    feature(
        table,
        Features.KIND_INCOMPATIBLE,
        Features.INCOMPATIBLE_EXTENDED_L2,
        "extended L2 entries");
    feature(table, Features.KIND_COMPATIBLE, Features.COMPATIBLE_LAZY_REFCOUNTS, "lazy refcounts");
    feature(table, Features.KIND_AUTOCLEAR, Features.AUTOCLEAR_BITMAPS, "bitmaps");
    feature(table, Features.KIND_AUTOCLEAR, Features.AUTOCLEAR_DATA_FILE_RAW, "raw external data");
    return table.array();
  }

  private static void feature(ByteBuffer table, int kind, long bit, String name) {
    int start = table.position();
    table.put((byte) kind).put((byte) Long.numberOfTrailingZeros(bit)).put(text(name));
    table.position(start + FEATURE_BYTES);
  }
}
