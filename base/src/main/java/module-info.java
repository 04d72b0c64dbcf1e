/** What everything stands on: errno, sizes, seeds, clocks, JSON. */
module io.faultdisk.base {
  requires static org.jspecify;

  exports io.faultdisk.base;
  exports io.faultdisk.base.json;
}
