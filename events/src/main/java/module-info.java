/** What production code announces; needs nothing. */
module io.faultdisk.events {
  requires static transitive org.jspecify;

  exports io.faultdisk.events;
}
