package io.faultdisk.nio.explore;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Directories where the default file system keeps temporary files. Safe from any thread. */
public final class TempDirectories implements DirectoryFactory {
  private static final int TRIES_MAX = 10;

  /** There is nothing to choose. */
  public TempDirectories() {}

  @Override
  public Path create() throws IOException {
    return Files.createTempDirectory("faultdisk").toRealPath();
  }

  /** Tries again if somebody has made a file meanwhile: a thread that the test has left behind. */
  @Override
  public void remove(Path directory) throws IOException {
    for (int more = TRIES_MAX - 1; ; more--) {
      try {
        Files.walkFileTree(directory, new Remover());
        return;
      } catch (NoSuchFileException e) {
        if (Files.notExists(directory)) {
          return;
        }
        if (more == 0) {
          throw e;
        }
      } catch (DirectoryNotEmptyException e) {
        if (more == 0) {
          throw e;
        }
      }
    }
  }

  private static final class Remover extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(visited);
      return FileVisitResult.CONTINUE;
    }
  }
}
