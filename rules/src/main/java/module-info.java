/** The fault engine: events and requests in, decisions out; rule files. */
module io.faultdisk.rules {
  requires transitive io.faultdisk.base;
  requires static org.jspecify;

  exports io.faultdisk.rules;
}
