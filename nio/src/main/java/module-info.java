/** A java.nio.file file system that fails as it is told, and loses power. */
module io.faultdisk.nio {
  requires transitive io.faultdisk.explore;
  requires transitive io.faultdisk.faults;
  requires static org.jspecify;

  exports io.faultdisk.nio;
  exports io.faultdisk.nio.explore;

  provides java.nio.file.spi.FileSystemProvider with
      io.faultdisk.nio.FaultFileSystemProvider;
}
