package io.faultdisk.block.format;

/**
 * What a check has found.
 *
 * @param corruptions wrong metadata, still there
 * @param leaks clusters counted but not used, still there
 * @param checkErrors places that could not be checked
 * @param corruptionsFixed wrong metadata that was repaired
 * @param leaksFixed leaks that were repaired
 * @param imageEndOffset where the used part of the file ends, in bytes; 0 if unknown
 * @param clusters how the guest's clusters are stored
 */
public record CheckResult(
    int corruptions,
    int leaks,
    int checkErrors,
    int corruptionsFixed,
    int leaksFixed,
    long imageEndOffset,
    ClusterCounts clusters) {

  /**
   * How the guest's clusters are stored; all zero if the format has no clusters.
   *
   * @param total clusters of the virtual disk
   * @param allocated of these, how many are stored
   * @param fragmented of these, how many do not follow the one before
   * @param compressed of the allocated ones, how many are compressed
   */
  public record ClusterCounts(long total, long allocated, long fragmented, long compressed) {
    /** Nothing counted. */
    public static final ClusterCounts NONE = new ClusterCounts(0, 0, 0, 0);
  }
}
