package io.faultdisk.nio;

import io.faultdisk.nio.DirectoryInode.Slot;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a {@link Medium} the files of a file system are, and the other way round. The names in
 * the medium's root are the roots of the file system; links are followed before, so that each
 * directory has one place. What a path leads to is adopted when it is first asked for. For one
 * thread at a time, as the medium.
 */
final class Places {
  private final Medium medium;
  private final FileSystem files;

  /**
   * Places.
   *
   * @param files the file system below us
   */
  Places(Medium medium, FileSystem files) {
    this.medium = medium;
    this.files = files;
  }

  /** The path of a directory as it is now. */
  Path of(DirectoryInode directory) {
    Slot place = directory.place();
    if (place == null) {
      throw new IllegalStateException("a directory without a place");
    }
    return of(place);
  }

  /** The path of a name as it is now. */
  Path of(Slot slot) {
    return slot.directory() == medium.root()
        ? files.getPath(slot.name())
        : of(slot.directory()).resolve(slot.name());
  }

  /**
   * The place of a path whose last name is not followed.
   *
   * @return null if its directory is not there, or if it is a root
   */
  @Nullable Slot find(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path last = absolute.getFileName();
    if (last != null && (last.toString().equals(".") || last.toString().equals(".."))) {
      absolute = absolute.toRealPath();
      last = absolute.getFileName();
    }
    Path parent = absolute.getParent();
    if (parent == null || last == null || !Files.isDirectory(parent)) {
      return null;
    }
    DirectoryInode directory = directory(parent.toRealPath());
    return directory == null ? null : directory.slot(last.toString());
  }

  /**
   * A directory.
   *
   * @param real a real path
   * @return null if it is no directory, as far as the model knows
   */
  @Nullable DirectoryInode directory(Path real) {
    DirectoryInode directory = step(medium.root(), String.valueOf(real.getRoot()));
    for (Path name : real) {
      if (directory == null) {
        return null;
      }
      directory = step(directory, name.toString());
    }
    return directory;
  }

  private @Nullable DirectoryInode step(DirectoryInode parent, String name) {
    Slot slot = parent.known(name);
    if (slot == null || !slot.matters()) {
      return medium.adoptDirectory(parent, name);
    }
    return slot.current() instanceof DirectoryInode directory ? directory : null;
  }

  /**
   * What is at a place, adopted if it was not known.
   *
   * @return null if there is nothing, or nothing that we care for: a device, a pipe
   */
  @Nullable Inode adopt(Slot slot) throws IOException {
    if (slot.matters()) {
      return slot.current();
    }
    Path path = of(slot);
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return null;
    }
    if (attributes.isDirectory()) {
      return medium.adoptDirectory(slot.directory(), slot.name());
    } else if (attributes.isSymbolicLink()) {
      String target = Files.readSymbolicLink(path).toString();
      return medium.adoptLink(slot.directory(), slot.name(), target);
    } else if (attributes.isRegularFile()) {
      medium.demand(attributes.size());
      return medium.adoptFile(slot.directory(), slot.name(), Contents.read(path));
    }
    return null;
  }

  /** Takes what is at a place now, if it is not what was known, for made just now. */
  void reconcile(Slot slot) throws IOException {
    Path path = of(slot);
    Inode known = slot.current();
    boolean link = Files.isSymbolicLink(path);
    boolean file = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    Pages content = file ? Contents.read(path) : new Pages();
    boolean same =
        known instanceof LinkInode
            ? link
            : known instanceof DirectoryInode
                ? directory
                : known instanceof FileInode old
                    ? file && old.current().sameAs(content)
                    : !link && !file && !directory;
    if (same) {
      return;
    }
    if (known != null) {
      medium.delete(slot.directory(), slot.name());
    }
    if (file) {
      medium.copied(slot, content);
    } else if (directory) {
      medium.mkdir(slot.directory(), slot.name());
    } else if (link) {
      medium.symlink(slot.directory(), slot.name(), Files.readSymbolicLink(path).toString());
    }
  }

  /** Adopts a file with several names, of which none is known. */
  void adoptNames(List<Path> paths, Pages content) throws IOException {
    FileInode file = null;
    for (Path path : paths) {
      Slot slot = find(path);
      if (slot != null && file == null) {
        file = medium.adoptFile(slot.directory(), slot.name(), content);
      } else if (slot != null && file != null) {
        medium.adoptName(slot, file);
      }
    }
  }
}
