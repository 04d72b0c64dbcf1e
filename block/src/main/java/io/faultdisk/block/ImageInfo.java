package io.faultdisk.block;

/**
 * Facts about an opened image that {@code info} shows.
 *
 * @param clusterSize bytes, 0 if the format has no clusters
 * @param vmStateOffset where VM state would be stored, in bytes; 0 if the format keeps none
 * @param dirty the image has not been closed as it should, and its metadata need a check
 */
public record ImageInfo(int clusterSize, long vmStateOffset, boolean dirty) {
  /** Of a driver that has neither clusters nor VM state. */
  public static final ImageInfo PLAIN = new ImageInfo(0, 0);

  /** Of a clean image. */
  public ImageInfo(int clusterSize, long vmStateOffset) {
    this(clusterSize, vmStateOffset, false);
  }
}
