/** What production code announces; needs nothing. */
module io.faultdisk.events {
  requires static org.jspecify;

  exports io.faultdisk.events;
}
