package io.faultdisk.nio.explore;

import io.faultdisk.nio.FaultFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Temporary directories in Java's default file system where that is ours, {@code
 * -Djava.nio.file.spi.DefaultFileSystemProvider=...}: for programs that open their files by {@code
 * Path.of}, as they are. A test's faults are then those of the default file system.
 *
 * <p>Since there is only one, it is for one test at a time, and quotas of {@link DiskSettings} are
 * not for it. If the power is to be cut, Java has to be started with {@code -Dfaultdisk.powerLoss},
 * too.
 */
public final class DefaultDirectories implements DirectoryFactory {
  private final DirectoryFactory removing = new TempDirectories();

  /**
   * There is nothing to choose.
   *
   * @throws IllegalStateException if the default file system is none of ours
   */
  public DefaultDirectories() {
    FaultFileSystem.ofDefault();
  }

  @Override
  public Path create() throws IOException {
    // Past us: a test begins with the directory made.
    Path parent =
        FaultFileSystem.ofDefault().delegate().getPath(System.getProperty("java.io.tmpdir"));
    return Files.createTempDirectory(parent, "faultdisk").toRealPath();
  }

  @Override
  public void remove(Path directory) throws IOException {
    removing.remove(directory);
  }
}
