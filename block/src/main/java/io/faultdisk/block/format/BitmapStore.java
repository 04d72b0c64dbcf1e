package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;

/** A driver that keeps persistent dirty bitmaps in its image. */
public interface BitmapStore {
  /** Whether this image can hold bitmaps at all. */
  boolean storesBitmaps();

  /**
   * Asks whether a new bitmap could be stored when the image is closed.
   *
   * @param granularity bytes per bit, a power of two
   * @throws UsageException with the text for the user if not
   */
  void requireRoomForBitmap(String name, long granularity) throws UsageException;

  /**
   * Removes a bitmap from the image; the one in memory stays. Not an error if none is stored.
   *
   * @throws UsageException with the text for the user
   */
  void removeStoredBitmap(String name) throws UsageException;
}
