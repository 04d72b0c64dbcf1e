/** The explorer: every fault point in turn, every crash state; verdicts and reports. */
module io.faultdisk.explore {
  requires transitive io.faultdisk.base;
  requires static org.jspecify;

  exports io.faultdisk.explore;
}
