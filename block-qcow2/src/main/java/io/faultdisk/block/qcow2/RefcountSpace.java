package io.faultdisk.block.qcow2;

/**
 * The refcount blocks and table clusters that count a number of clusters and themselves.
 *
 * @param blocks refcount blocks, one cluster each
 * @param tableClusters clusters of the refcount table
 */
record RefcountSpace(long blocks, long tableClusters) {

  /**
   * What is needed for {@code clusters} other clusters.
   *
   * @param generous half as much again for the table, so that it need not grow soon
   */
  static RefcountSpace of(long clusters, int clusterSize, int refcountOrder, boolean generous) {
    long entriesPerTableCluster = clusterSize / Long.BYTES;
    long countsPerBlock = ((long) clusterSize * 8) >> refcountOrder;
    long others = clusters;
    boolean addSpare = generous;
    RefcountSpace now = new RefcountSpace(0, 0);
    // Each step may need more room for counting what the step before has added.
    while (true) {
      long blocks = divideUp(others + now.clusters(), countsPerBlock);
      RefcountSpace next = new RefcountSpace(blocks, divideUp(blocks, entriesPerTableCluster));
      if (next.clusters() != now.clusters()) {
        now = next;
      } else if (addSpare) {
        others += divideUp(next.tableClusters(), 2);
        addSpare = false;
      } else {
        return next;
      }
    }
  }

  long clusters() {
    return blocks + tableClusters;
  }

  private static long divideUp(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
