package io.faultdisk.nio.explore;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where the files of tests really are: makes an empty directory for each, on any file system.
 *
 * <pre>{@code
 * final class InMemory implements DirectoryFactory {
 *   public Path create() throws IOException {
 *     return Files.createDirectory(Jimfs.newFileSystem(Configuration.unix()).getPath("/test"));
 *   }
 *
 *   public void remove(Path directory) throws IOException {
 *     directory.getFileSystem().close();
 *   }
 * }
 * }</pre>
 *
 * <p>Called by any thread, by several at once.
 */
public interface DirectoryFactory {
  /** Makes a new, empty directory that nobody else uses; its absolute path. */
  Path create() throws IOException;

  /** Removes a directory that was made here, with all that is in it. */
  void remove(Path directory) throws IOException;
}
