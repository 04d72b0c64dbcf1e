package io.faultdisk.block.qcow2;

import io.faultdisk.block.format.CheckResult;

/**
 * What a check has counted so far.
 *
 * <p>Used by one check, on one thread. Parts of a check are done twice, once to see and once to
 * repair; {@link #copy} and {@link #set} take the first pass back.
 */
final class CheckTally {
  int corruptions;
  int leaks;

  /** Places that could not be looked at. */
  int checkErrors;

  int corruptionsFixed;
  int leaksFixed;

  /** End of the last cluster that is counted or used, in bytes of the image file. */
  long imageEnd;

  /** Clusters of the virtual disk. */
  long totalClusters;

  long allocatedClusters;
  long fragmentedClusters;
  long compressedClusters;

  CheckTally copy() {
    CheckTally copy = new CheckTally();
    copy.set(this);
    return copy;
  }

  /** Takes over all numbers of another one. */
  void set(CheckTally other) {
    corruptions = other.corruptions;
    leaks = other.leaks;
    checkErrors = other.checkErrors;
    corruptionsFixed = other.corruptionsFixed;
    leaksFixed = other.leaksFixed;
    imageEnd = other.imageEnd;
    totalClusters = other.totalClusters;
    allocatedClusters = other.allocatedClusters;
    fragmentedClusters = other.fragmentedClusters;
    compressedClusters = other.compressedClusters;
  }

  /** Adds the findings of another part; where the image ends and what is stored stay. */
  void add(CheckTally part) {
    corruptions += part.corruptions;
    leaks += part.leaks;
    checkErrors += part.checkErrors;
    corruptionsFixed += part.corruptionsFixed;
    leaksFixed += part.leaksFixed;
  }

  /** One corruption less to report: it has been repaired. */
  void corruptionFixed() {
    corruptions--;
    corruptionsFixed++;
  }

  CheckResult result() {
    return new CheckResult(
        corruptions,
        leaks,
        checkErrors,
        corruptionsFixed,
        leaksFixed,
        imageEnd,
        new CheckResult.ClusterCounts(
            totalClusters, allocatedClusters, fragmentedClusters, compressedClusters));
  }
}
