package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the header extensions: what they say is in its accessors afterwards. For one opening.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class ExtensionReader {
  private static final int HEAD_BYTES = 8;

  /** Of a backing format's name, in bytes. */
  private static final int BACKING_FORMAT_MAX = 16;

  private static final int BITMAPS_MAX = 65535;
  private static final int BITMAP_DIRECTORY_MAX = 1024 * BITMAPS_MAX;
  private static final int FEATURE_NAME_MAX = 46;

  private final Node file;
  private final HeaderReader.Fixed fixed;
  private Optional<Warnings> warnings = Optional.empty();
  private Optional<String> backingFormat = Optional.empty();
  private Optional<String> dataFileName = Optional.empty();
  private Optional<Header.BitmapExtension> bitmaps = Optional.empty();
  private final List<Header.Extension> unknown = new ArrayList<>();
  private byte[] featureNames = new byte[0];
  private boolean outdated;

  /** Takes what the user should know. */
  interface Warnings {
    /** A warning, and lines that go below it. */
    void warn(String text, String hint);
  }

  ExtensionReader(Node file, HeaderReader.Fixed fixed) {
    this.file = file;
    this.fixed = fixed;
  }

  Optional<String> backingFormat() {
    return backingFormat;
  }

  Optional<String> dataFileName() {
    return dataFileName;
  }

  Optional<Header.BitmapExtension> bitmaps() {
    return bitmaps;
  }

  /** Those that we do not know, the last one first. */
  List<Header.Extension> unknown() {
    return unknown;
  }

  /** True if there is one that no longer holds, so that the header should be written anew. */
  boolean outdated() {
    return outdated;
  }

  /** Reads them all. */
  void read(Warnings warningsTo) throws UsageException {
    warnings = Optional.of(warningsTo);
    readAll(false);
  }

  private void readAll(boolean withFeatureNames) throws UsageException {
    long end = fixed.extensionsEnd();
    long offset = fixed.headerBytes();
    while (offset < end) {
      ByteBuffer head;
      try {
        head = bytes(offset, HEAD_BYTES);
      } catch (BlockIoException e) {
        throw HeaderReader.failed(
            "qcow2_read_extension: ERROR: pread fail from offset " + offset, e);
      }
      int magic = head.getInt(0);
      long length = Integer.toUnsignedLong(head.getInt(4));
      offset += HEAD_BYTES;
      if (offset > end || length > end - offset) {
        throw new UsageException("Header extension too large");
      }
      if (magic == HeaderWriter.EXTENSION_END) {
        return;
      }
      readOne(magic, offset, (int) length, withFeatureNames);
      offset += (length + 7) & -8;
    }
  }

  private void readOne(int magic, long offset, int length, boolean withFeatureNames)
      throws UsageException {
    switch (magic) {
      case HeaderWriter.EXTENSION_BACKING_FORMAT -> {
        if (length >= BACKING_FORMAT_MAX) {
          throw new UsageException(
              "ERROR: ext_backing_format: len="
                  + length
                  + " too large (>="
                  + BACKING_FORMAT_MAX
                  + ")");
        }
        byte[] name = data(offset, length, "ERROR: ext_backing_format: Could not read format name");
        backingFormat = Optional.of(HeaderReader.text(name));
      }
      case HeaderWriter.EXTENSION_FEATURE_NAMES -> {
        if (withFeatureNames) {
          featureNames = data(offset, length, "ERROR: ext_feature_table: Could not read table");
        }
      }
      case HeaderWriter.EXTENSION_CRYPTO ->
          throw new UsageException(
              "CRYPTO header extension only expected with LUKS encryption method");
      case HeaderWriter.EXTENSION_BITMAPS -> readBitmaps(offset, length);
      case HeaderWriter.EXTENSION_DATA_FILE ->
          dataFileName =
              Optional.of(
                  HeaderReader.text(data(offset, length, "ERROR: Could not read data file name")));
      default ->
          unknown.addFirst(
              new Header.Extension(
                  magic, data(offset, length, "ERROR: unknown extension: Could not read data")));
    }
  }

  private void readBitmaps(long offset, int length) throws UsageException {
    if (length != HeaderWriter.BITMAPS_BYTES) {
      throw new UsageException("bitmaps_ext: Invalid extension length");
    }
    if ((fixed.header().autoclear() & Features.AUTOCLEAR_BITMAPS) == 0) {
      String text =
          fixed.header().version() < 3
              ? "This qcow2 v2 image contains bitmaps, but they may have been modified by a program"
                  + " without persistent bitmap support; so now they must all be considered"
                  + " inconsistent"
              : "a program lacking bitmap support modified this file, so all bitmaps are now"
                  + " considered inconsistent";
      String hint =
          "Some clusters may be leaked, run 'qemu-img check -r' on the image file to fix.";
      warnings.ifPresent(to -> to.warn(text, hint));
      outdated = true;
      return;
    }
    ByteBuffer fields =
        ByteBuffer.wrap(data(offset, length, "bitmaps_ext: Could not read ext header"));
    if (fields.getInt(4) != 0) {
      throw new UsageException("bitmaps_ext: Reserved field is not zero");
    }
    long count = Integer.toUnsignedLong(fields.getInt(0));
    long directoryBytes = fields.getLong(8);
    long directoryOffset = fields.getLong(16);
    if (count > BITMAPS_MAX) {
      throw new UsageException(
          "bitmaps_ext: Image has "
              + count
              + " bitmaps, exceeding the QEMU supported maximum of "
              + BITMAPS_MAX);
    }
    if (count == 0) {
      throw new UsageException("found bitmaps extension with zero bitmaps");
    }
    if (fixed.geometry().offsetIntoCluster(directoryOffset) != 0) {
      throw new UsageException("bitmaps_ext: invalid bitmap directory offset");
    }
    if (Long.compareUnsigned(directoryBytes, BITMAP_DIRECTORY_MAX) > 0) {
      throw new UsageException(
          "bitmaps_ext: bitmap directory size ("
              + Long.toUnsignedString(directoryBytes)
              + ") exceeds the maximum supported size ("
              + BITMAP_DIRECTORY_MAX
              + ")");
    }
    bitmaps = Optional.of(new Header.BitmapExtension((int) count, directoryBytes, directoryOffset));
  }

  private byte[] data(long offset, int length, String failure) throws UsageException {
    try {
      return bytes(offset, length).array();
    } catch (BlockIoException e) {
      throw HeaderReader.failed(failure, e);
    }
  }

  private ByteBuffer bytes(long offset, int length) throws BlockIoException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(offset, bytes.duplicate());
    return bytes;
  }

  /** The names of incompatible features as far as the image knows them. */
  String names(long features) {
    try {
      readAll(true);
    } catch (UsageException e) {
      // Then what was read so far has to do.
    }
    StringBuilder names = new StringBuilder();
    long nameless = features;
    int at = 0;
    while (at + 2 < featureNames.length && featureNames[at + 2] != 0) {
      long bit = 1L << (featureNames[at + 1] & 63);
      if (featureNames[at] == Features.KIND_INCOMPATIBLE && (nameless & bit) != 0) {
        int end = Math.min(at + 2 + FEATURE_NAME_MAX, featureNames.length);
        byte[] name = Arrays.copyOfRange(featureNames, at + 2, end);
        names.append(names.isEmpty() ? "" : ", ").append(HeaderReader.text(name));
        nameless &= ~bit;
      }
      at += HeaderWriter.FEATURE_BYTES;
    }
    if (nameless != 0) {
      names
          .append(names.isEmpty() ? "" : ", ")
          .append("Unknown incompatible feature: ")
          .append(Long.toHexString(nameless));
    }
    return names.toString();
  }
}
