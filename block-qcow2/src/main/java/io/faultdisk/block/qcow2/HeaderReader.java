package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Reads the fixed fields of a header and refuses what cannot be opened, with QEMU's checks in
 * QEMU's order. The extensions are read later ({@link ExtensionReader}).
 *
 * <p>For one opening.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class HeaderReader {
  private static final int CLUSTER_BITS_MIN = 9;
  private static final int CLUSTER_BITS_MAX = 21;
  private static final int V3_BYTES_MIN = 104;
  private static final int COMPRESSION_OFFSET = 104;
  private static final int REFCOUNT_ORDER_MAX = 6;
  private static final int REFCOUNT_ORDER_V2 = 4;
  private static final int SUBCLUSTER_MIN = 512;
  private static final int BACKING_NAME_MAX = 1023;
  private static final int SNAPSHOT_HEADER_BYTES = 40;
  private static final long SNAPSHOTS_MAX = 65536;

  private final Node file;
  private final boolean readOnly;
  private final boolean checking;
  private final ByteBuffer raw = ByteBuffer.allocate(Header.V3_BYTES);

  /**
   * The header's fixed part, and what is needed to read the rest.
   *
   * @param headerBytes where the extensions begin
   * @param extensionsEnd where they end at the latest
   * @param backingOffset where the backing file name is; 0 if there is none
   * @param backingBytes its length, unsigned
   */
  record Fixed(
      Header header,
      Geometry geometry,
      int headerBytes,
      long extensionsEnd,
      long backingOffset,
      int backingBytes) {}

  /**
   * A reader.
   *
   * @param checking the image is opened to be checked: damaged tables are not refused
   */
  HeaderReader(Node file, boolean readOnly, boolean checking) {
    this.file = file;
    this.readOnly = readOnly;
    this.checking = checking;
  }

  Fixed read() throws UsageException {
    try {
      file.read(0, raw.duplicate());
    } catch (BlockIoException e) {
      throw failed("Could not read qcow2 header", e);
    }
    int version = raw.getInt(4);
    int clusterBits = raw.getInt(20);
    requireFormat(version, clusterBits);
    int headerBytes = headerBytes(version, 1 << clusterBits);
    byte[] unknownFields = unknownFields(headerBytes);
    long backingOffset = raw.getLong(8);
    if (Long.compareUnsigned(backingOffset, 1 << clusterBits) > 0) {
      throw new UsageException("Invalid backing file offset");
    }
    Header header = header(version, clusterBits, headerBytes, unknownFields);
    Fixed fixed =
        new Fixed(
            header,
            geometry(header),
            headerBytes,
            backingOffset != 0 ? backingOffset : 1 << clusterBits,
            backingOffset,
            raw.getInt(16));
    requireFeatures(fixed);
    requireSizes(header, fixed.geometry());
    requireTables(header, fixed.geometry());
    return fixed;
  }

  private void requireFormat(int version, int clusterBits) throws UsageException {
    if (raw.getInt(0) != Header.MAGIC) {
      throw new UsageException("Image is not in qcow2 format");
    }
    if (version != 2 && version != 3) {
      throw new UsageException("Unsupported qcow2 version " + Integer.toUnsignedString(version));
    }
    if (clusterBits < CLUSTER_BITS_MIN || clusterBits > CLUSTER_BITS_MAX) {
      throw new UsageException(
          "Unsupported cluster size: 2^" + Integer.toUnsignedString(clusterBits));
    }
  }

  private int headerBytes(int version, int clusterSize) throws UsageException {
    if (version == 2) {
      return Header.V2_BYTES;
    }
    int bytes = raw.getInt(100);
    if (Integer.compareUnsigned(bytes, V3_BYTES_MIN) < 0) {
      throw new UsageException("qcow2 header too short");
    }
    if (Integer.compareUnsigned(bytes, clusterSize) > 0) {
      throw new UsageException("qcow2 header exceeds cluster size");
    }
    return bytes;
  }

  private byte[] unknownFields(int headerBytes) throws UsageException {
    byte[] fields = new byte[Math.max(headerBytes - Header.V3_BYTES, 0)];
    if (fields.length > 0) {
      try {
        file.read(Header.V3_BYTES, ByteBuffer.wrap(fields));
      } catch (BlockIoException e) {
        throw failed("Could not read unknown qcow2 header fields", e);
      }
    }
    return fields;
  }

  private Header header(int version, int clusterBits, int headerBytes, byte[] unknownFields) {
    boolean v3 = version >= 3;
    return new Header(
        version,
        clusterBits,
        raw.getLong(24),
        raw.getInt(32),
        raw.getInt(36),
        raw.getLong(40),
        raw.getLong(48),
        raw.getInt(56),
        raw.getInt(60),
        raw.getLong(64),
        v3 ? raw.getLong(72) : 0,
        v3 ? raw.getLong(80) : 0,
        v3 ? raw.getLong(88) : 0,
        v3 ? raw.getInt(96) : REFCOUNT_ORDER_V2,
        headerBytes > COMPRESSION_OFFSET ? raw.get(COMPRESSION_OFFSET) & 0xff : 0,
        unknownFields,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Geometry geometry(Header header) {
    return new Geometry(
        header.version(),
        header.clusterBits(),
        header.refcountOrder(),
        (header.incompatible() & Features.INCOMPATIBLE_EXTENDED_L2) != 0,
        (header.incompatible() & Features.INCOMPATIBLE_DATA_FILE) != 0);
  }

  private void requireFeatures(Fixed fixed) throws UsageException {
    Header header = fixed.header();
    int compression = header.compression();
    if (compression != Header.COMPRESSION_ZLIB && compression != Header.COMPRESSION_ZSTD) {
      throw new UsageException("qcow2: unknown compression type: " + compression);
    }
    boolean marked = (header.incompatible() & Features.INCOMPATIBLE_COMPRESSION) != 0;
    if (marked == (compression == Header.COMPRESSION_ZLIB)) {
      throw new UsageException(
          "qcow2: Compression type incompatible feature bit must "
              + (marked ? "not be set" : "be set"));
    }
    long unknown = header.incompatible() & ~Features.INCOMPATIBLE_KNOWN;
    if (unknown != 0) {
      throw new UsageException(
          "Unsupported qcow2 feature(s): " + new ExtensionReader(file, fixed).names(unknown));
    }
    if (header.isCorrupt() && !readOnly && !checking) {
      throw new UsageException("qcow2: Image is corrupt; cannot be opened read/write");
    }
  }

  private static void requireSizes(Header header, Geometry geometry) throws UsageException {
    if (geometry.subclusterSize() < SUBCLUSTER_MIN) {
      throw new UsageException("Unsupported subcluster size: " + geometry.subclusterSize());
    }
    if (header.refcountOrder() < 0 || header.refcountOrder() > REFCOUNT_ORDER_MAX) {
      throw new UsageException("Reference count entry width too large; may not exceed 64 bits");
    }
  }

  private void requireTables(Header header, Geometry geometry) throws UsageException {
    if (header.refcountTableClusters() == 0 && !checking) {
      throw new UsageException("Image does not contain a reference count table");
    }
    try {
      validateTable(
          geometry,
          header.refcountTableOffset(),
          Integer.toUnsignedLong(header.refcountTableClusters()),
          geometry.clusterSize(),
          Metadata.REFCOUNT_TABLE_BYTES_MAX,
          "Reference count table");
      if (!checking) {
        validateTable(
            geometry,
            header.snapshotsOffset(),
            Integer.toUnsignedLong(header.snapshotCount()),
            SNAPSHOT_HEADER_BYTES,
            SNAPSHOT_HEADER_BYTES * SNAPSHOTS_MAX,
            "Snapshot table");
      }
      validateTable(
          geometry,
          header.l1Offset(),
          Integer.toUnsignedLong(header.l1Entries()),
          Long.BYTES,
          Metadata.L1_BYTES_MAX,
          "Active L1 table");
    } catch (BlockIoException e) {
      throw new UsageException(e.reason());
    }
    long needed = header.diskL1Entries(geometry);
    if (needed > Integer.MAX_VALUE) {
      throw new UsageException("Image is too big");
    }
    if (header.l1Entries() < needed) {
      throw new UsageException("L1 table is too small");
    }
  }

  /** See {@link Metadata#validateTable}. */
  static void validateTable(
      Geometry geometry, long offset, long entries, int entryBytes, long maxBytes, String table)
      throws BlockIoException {
    if (Long.compareUnsigned(entries, maxBytes / entryBytes) > 0) {
      throw new BlockIoException(Errno.EFBIG, table + " too large");
    }
    if (Long.compareUnsigned(Long.MAX_VALUE - entries * entryBytes, offset) < 0
        || geometry.offsetIntoCluster(offset) != 0) {
      throw new BlockIoException(Errno.EINVAL, table + " offset invalid");
    }
  }

  /**
   * The backing file that the image names, with the format from its extension. A format without a
   * file is kept under an empty name.
   */
  static Optional<BackingReference> backing(Node file, Fixed fixed, Optional<String> format)
      throws UsageException {
    long offset = fixed.backingOffset();
    if (offset == 0) {
      return format.map(name -> new BackingReference("", Optional.of(name)));
    }
    long bytes = Integer.toUnsignedLong(fixed.backingBytes());
    if (bytes > Math.min(BACKING_NAME_MAX, fixed.geometry().clusterSize() - offset)) {
      throw new UsageException("Backing file name too long");
    }
    ByteBuffer name = ByteBuffer.allocate((int) bytes);
    try {
      file.read(offset, name.duplicate());
    } catch (BlockIoException e) {
      throw failed("Could not read backing file name", e);
    }
    return Optional.of(new BackingReference(text(name.array()), format));
  }

  /** Text up to the first NUL. */
  static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  static UsageException failed(String what, BlockIoException e) {
    return new UsageException(what + ": " + e.errno().text());
  }
}
