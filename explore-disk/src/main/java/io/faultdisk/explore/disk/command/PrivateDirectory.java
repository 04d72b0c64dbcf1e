package io.faultdisk.explore.disk.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A directory in memory, if there is one, that nobody else can look into. What was made in it by
 * name is removed at the end; what was mounted on it and would not go away is left alone. For one
 * thread.
 */
final class PrivateDirectory implements AutoCloseable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  /** Says whose it is, in the table of mounts, too. */
  private static final String PREFIX = "faultdisk-" + ProcessHandle.current().pid() + "-";

  private final Path path;
  private final Deque<Path> made = new ArrayDeque<>();

  PrivateDirectory() {
    try {
      path =
          Files.isWritable(SHARED_MEMORY)
              ? Files.createTempDirectory(SHARED_MEMORY, PREFIX)
              : Files.createTempDirectory(PREFIX);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary directory", e);
    }
  }

  Path path() {
    return path;
  }

  /** A file's path, which is removed at the end if it is there. */
  Path file(String name) {
    Path file = path.resolve(name);
    made.push(file);
    return file;
  }

  /** A directory in it. */
  Path directory(String name) {
    Path directory = file(name);
    try {
      return Files.createDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + directory, e);
    }
  }

  @Override
  public void close() {
    made.addLast(path);
    for (Path each : made) {
      try {
        Files.deleteIfExists(each);
      } catch (DirectoryNotEmptyException somethingElse) {
        // Not ours.
      } catch (IOException e) {
        // Still mounted on, or in use: harmless.
      }
    }
  }
}
