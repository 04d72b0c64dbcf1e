package io.faultdisk.block;

/**
 * Facts about an opened image that {@code info} shows.
 *
 * @param clusterSize bytes, 0 if the format has no clusters
 * @param vmStateOffset where VM state would be stored, in bytes; 0 if the format keeps none
 */
public record ImageInfo(int clusterSize, long vmStateOffset) {
  /** Of a driver that has neither clusters nor VM state. */
  public static final ImageInfo PLAIN = new ImageInfo(0, 0);
}
