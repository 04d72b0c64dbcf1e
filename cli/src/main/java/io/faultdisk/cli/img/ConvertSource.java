package io.faultdisk.cli.img;

import io.faultdisk.block.BlockBackend;

/**
 * One of the images that {@code convert} puts one after the other.
 *
 * @param image opened for reading
 * @param start where it begins in the result, in sectors
 * @param sectors its length
 * @param alignment what parts of it should be multiples of, in sectors; at least 1
 */
record ConvertSource(BlockBackend image, long start, long sectors, long alignment) {
  long end() {
    return start + sectors;
  }

  /** Position in this image, in bytes, of a sector of the result. */
  long offset(long sector) {
    return (sector - start) * SectorScan.SECTOR;
  }
}
