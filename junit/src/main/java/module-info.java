/** Faults for JUnit tests. */
module io.faultdisk.junit {
  requires transitive io.faultdisk.nio;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;

  exports io.faultdisk.junit;
}
