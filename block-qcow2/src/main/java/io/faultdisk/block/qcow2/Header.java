package io.faultdisk.block.qcow2;

import io.faultdisk.block.BackingReference;
import java.util.List;
import java.util.Optional;

/**
 * What the header cluster says: the fixed fields, the header extensions and the backing file name.
 *
 * <p>Immutable; a change is a new header that is written first and then put in force ({@link
 * Metadata#writeHeader}). Offsets and sizes are bytes of the image file; l1Entries and
 * refcountTableClusters are counts.
 *
 * @param fileSize the guest's disk in bytes
 * @param unknownFields header bytes behind those that we know
 * @param unknownExtensions kept as they are
 * @param dataFileName the external data file as stored
 * @param bitmaps where the bitmap directory is, if there is one
 * @param compression 0 zlib, 1 zstd
 */
@SuppressWarnings("ArrayRecordComponent") // headers are not compared
record Header(
    int version,
    int clusterBits,
    long fileSize,
    int cryptMethod,
    int l1Entries,
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    int snapshotCount,
    long snapshotsOffset,
    long incompatible,
    long compatible,
    long autoclear,
    int refcountOrder,
    int compression,
    byte[] unknownFields,
    List<Extension> unknownExtensions,
    Optional<String> dataFileName,
    Optional<BackingReference> backing,
    Optional<BitmapExtension> bitmaps) {

  static final int MAGIC = 0x514649fb;
  static final int V2_BYTES = 72;

  /** Length of the header that we write for version 3. */
  static final int V3_BYTES = 112;

  static final int COMPRESSION_ZLIB = 0;
  static final int COMPRESSION_ZSTD = 1;

  /** A header extension that we do not know. */
  @SuppressWarnings("ArrayRecordComponent") // nor are their extensions
  record Extension(int magic, byte[] data) {}

  /** The bitmaps extension: how many, and where their directory is (bytes). */
  record BitmapExtension(int count, long directoryBytes, long directoryOffset) {}

  /** A copy with some fields changed. */
  HeaderChange change() {
    return new HeaderChange(this);
  }

  boolean isDirty() {
    return (incompatible & Features.INCOMPATIBLE_DIRTY) != 0;
  }

  boolean isCorrupt() {
    return (incompatible & Features.INCOMPATIBLE_CORRUPT) != 0;
  }

  boolean lazyRefcounts() {
    return (compatible & Features.COMPATIBLE_LAZY_REFCOUNTS) != 0;
  }

  boolean dataFileRaw() {
    return (autoclear & Features.AUTOCLEAR_DATA_FILE_RAW) != 0;
  }

  /** Bytes of guest disk that can be used: whole sectors. */
  long diskBytes() {
    return fileSize >>> 9 << 9;
  }

  /** L1 entries that the disk itself needs; those behind are for VM state. */
  long diskL1Entries(Geometry geometry) {
    long reach = geometry.l2Reach();
    return (fileSize + reach - 1) >>> Long.numberOfTrailingZeros(reach);
  }
}
