package io.faultdisk.nio;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a directory of a {@link CrashState} into an empty one, anywhere. What the model knows
 * comes from memory, the rest is copied from where it is. For one thread.
 */
final class CrashCopy {
  private final Places places;
  private final Map<CrashState.File, Path> written = new HashMap<>();

  CrashCopy(Places places) {
    this.places = places;
  }

  /**
   * Writes all that a state has in a directory, nothing if there is no such directory in it.
   *
   * @param directory an absolute path
   * @throws IOException if the target is not there, not empty, or in the directory
   */
  void writeFrom(CrashState state, Path directory, Path target) throws IOException {
    check(directory, target);
    CrashState.Directory at = state.root();
    List<String> names = new ArrayList<>();
    names.add(String.valueOf(directory.getRoot()));
    directory.forEach(name -> names.add(name.toString()));
    for (String name : names) {
      CrashState.Node node = at.names().get(name);
      if (node instanceof CrashState.Directory next) {
        at = next;
      } else {
        if (node == null && !at.names().containsKey(name) && at.inode().adopted()) {
          copyAll(directory, target); // Nothing has ever changed there.
        }
        return;
      }
    }
    write(at, target);
  }

  private static void check(Path directory, Path target) throws IOException {
    if (!Files.exists(target)) {
      throw new NoSuchFileException(target.toString(), null, "make the empty directory first");
    }
    if (!children(target).isEmpty()) {
      throw new DirectoryNotEmptyException(target.toString());
    }
    if (target.getFileSystem().equals(directory.getFileSystem())
        && target.toRealPath().startsWith(directory)) {
      throw new FileSystemException(
          target.toString(), null, "is within what is to be copied, " + directory);
    }
  }

  private static void copyAll(Path source, Path target) throws IOException {
    if (Files.isDirectory(source)) {
      for (Path child : children(source)) {
        copy(child, target.resolve(String.valueOf(child.getFileName())));
      }
    }
  }

  /** Writes all that is in a directory. */
  private void write(CrashState.Directory directory, Path target) throws IOException {
    for (Map.Entry<String, CrashState.@Nullable Node> entry : directory.names().entrySet()) {
      CrashState.Node node = entry.getValue();
      if (node != null) {
        write(node, target.resolve(entry.getKey()));
      }
    }
    if (directory.inode().adopted()) {
      writeUnknown(directory, target);
    }
  }

  private void write(CrashState.Node node, Path target) throws IOException {
    if (node instanceof CrashState.Directory child) {
      Files.createDirectory(target);
      write(child, target);
    } else if (node instanceof CrashState.Link link) {
      Files.createSymbolicLink(target, target.getFileSystem().getPath(link.inode().target()));
    } else if (node instanceof CrashState.File file) {
      Path first = written.putIfAbsent(file, target);
      if (first == null) {
        Contents.create(target, file.content());
      } else {
        link(target, first);
      }
    }
  }

  /** A second name for a file, or a second file where there are no such names. */
  static void link(Path target, Path first) throws IOException {
    try {
      Files.createLink(target, first);
    } catch (UnsupportedOperationException e) {
      Files.copy(first, target);
    }
  }

  private void writeUnknown(CrashState.Directory directory, Path target) throws IOException {
    if (directory.inode().place() == null) {
      return; // Removed, so it was empty.
    }
    for (Path child : children(places.of(directory.inode()))) {
      String name = String.valueOf(child.getFileName());
      if (!directory.names().containsKey(name)) {
        copy(child, target.resolve(name));
      }
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    if (Files.isSymbolicLink(source)) {
      Files.createSymbolicLink(
          target, target.getFileSystem().getPath(Files.readSymbolicLink(source).toString()));
    } else if (Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(target);
      for (Path child : children(source)) {
        copy(child, target.resolve(String.valueOf(child.getFileName())));
      }
    } else if (Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)) {
      Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }
}
