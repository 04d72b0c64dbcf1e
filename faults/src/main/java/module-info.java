/** Faults as a test holds them. */
module io.faultdisk.faults {
  requires transitive io.faultdisk.base;
  requires transitive io.faultdisk.events;
  requires transitive io.faultdisk.rules;
  requires static org.jspecify;

  exports io.faultdisk.faults;
}
