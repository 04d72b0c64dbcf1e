package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.bitmap.DirtyBitmaps;
import java.nio.charset.StandardCharsets;

/**
 * What bitmaps an image can hold. Needs no lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-bitmap.c.
 */
final class BitmapLimits {
  private final Metadata metadata;

  BitmapLimits(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Refuses a bitmap that cannot be stored. */
  void requireStorable(DirtyBitmap bitmap) throws UsageException {
    try {
      requireConstraints(bitmap.name(), bitmap.granularity());
    } catch (UsageException e) {
      throw new UsageException(
          "Bitmap '" + bitmap.name() + "' doesn't satisfy the constraints: " + e.getMessage());
    }
  }

  /**
   * Refuses a new bitmap that could not be stored besides those that are there.
   *
   * @param granularity bytes per bit, a power of two
   */
  void requireRoom(DirtyBitmaps present, String name, long granularity) throws UsageException {
    if (present.find(name).isPresent()) {
      throw new UsageException("Bitmap already exists: " + name);
    }
    try {
      if (metadata.geometry.version() < 3) {
        throw new UsageException("Cannot store dirty bitmaps in qcow2 v2 files");
      }
      requireConstraints(name, granularity);
      requirePlace(present, name);
    } catch (UsageException e) {
      throw new UsageException(
          "Can't make bitmap '"
              + name
              + "' persistent in '"
              + metadata.nodeName()
              + "': "
              + e.getMessage());
    }
  }

  private void requireConstraints(String name, long granularity) throws UsageException {
    int granularityBits = Long.numberOfTrailingZeros(granularity);
    if (granularityBits > BitmapEntry.GRANULARITY_BITS_MAX) {
      throw new UsageException(
          "Granularity exceeds maximum (" + (1L << BitmapEntry.GRANULARITY_BITS_MAX) + " bytes)");
    }
    if (granularityBits < BitmapEntry.GRANULARITY_BITS_MIN) {
      throw new UsageException(
          "Granularity is under minimum (" + (1L << BitmapEntry.GRANULARITY_BITS_MIN) + " bytes)");
    }
    long bytes = bitsBytes(metadata.header.fileSize() & -512, granularity);
    if (bytes > BitmapEntry.DATA_MAX
        || bytes > (long) BitmapEntry.TABLE_MAX * metadata.geometry.clusterSize()) {
      throw new UsageException(
          "Too much space will be occupied by the bitmap. Use larger granularity");
    }
    if (nameBytes(name) > BitmapEntry.NAME_MAX) {
      throw new UsageException(
          "Name length exceeds maximum (" + BitmapEntry.NAME_MAX + " characters)");
    }
  }

  private static void requirePlace(DirtyBitmaps present, String name) throws UsageException {
    int count = 1;
    long bytes = BitmapEntry.bytes(nameBytes(name));
    for (DirtyBitmap bitmap : present.all()) {
      if (bitmap.persistent()) {
        count++;
        bytes += BitmapEntry.bytes(nameBytes(bitmap.name()));
      }
    }
    if (count > BitmapDirectory.BITMAPS_MAX) {
      throw new UsageException("Maximum number of persistent bitmaps is already reached");
    }
    if (bytes > BitmapDirectory.BYTES_MAX) {
      throw new UsageException("Not enough space in the bitmap directory");
    }
  }

  private static long bitsBytes(long diskBytes, long granularity) {
    return Math.ceilDiv(Math.ceilDiv(diskBytes, granularity), (long) Byte.SIZE);
  }

  private static int nameBytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }
}
