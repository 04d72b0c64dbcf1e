package io.faultdisk.nio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A {@link Medium} by paths such as {@code "d/f"}, for tests. One thread. */
final class Disk {
  final Medium medium;

  Disk(Durability durability) {
    medium = new Medium(durability, false, Long.MAX_VALUE);
  }

  @Nullable Inode inode(String path) {
    Inode inode = medium.root();
    for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
      if (!(inode instanceof DirectoryInode directory)) {
        return null;
      }
      DirectoryInode.Slot slot = directory.known(name);
      inode = slot == null ? null : slot.current();
    }
    return inode;
  }

  FileInode file(String path) {
    return (FileInode) present(path);
  }

  DirectoryInode directory(String path) {
    return (DirectoryInode) present(path);
  }

  private Inode present(String path) {
    Inode inode = inode(path);
    if (inode == null) {
      throw new AssertionError("there is no " + path);
    }
    return inode;
  }

  private DirectoryInode parent(String path) {
    return directory(path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "");
  }

  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  FileInode create(String path) throws IOException {
    return medium.create(parent(path), name(path));
  }

  /** A file that is there for sure. */
  FileInode durable(String path, String content) throws IOException {
    FileInode file = create(path);
    append(path, content);
    medium.checkpoint();
    return file;
  }

  void mkdir(String path) throws IOException {
    medium.mkdir(parent(path), name(path));
  }

  void symlink(String path, String target) throws IOException {
    medium.symlink(parent(path), name(path), target);
  }

  void link(String path, String existing) throws IOException {
    medium.link(parent(path), name(path), file(existing));
  }

  void rename(String from, String to) throws IOException {
    medium.rename(parent(from), name(from), parent(to), name(to));
  }

  void delete(String path) throws IOException {
    medium.delete(parent(path), name(path));
  }

  void append(String path, String text) throws IOException {
    write(path, file(path).current().size(), text);
  }

  void write(String path, long offset, String text) throws IOException {
    medium.write(file(path), offset, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void resize(String path, long size) throws IOException {
    medium.resize(file(path), size);
  }

  void fsync(String path) throws IOException {
    if (present(path) instanceof DirectoryInode directory) {
      medium.fsync(directory);
    } else {
      medium.fsync(file(path));
    }
  }

  /** What is there after a power cut: paths with contents, {@code "->"} links, and directories. */
  SortedMap<String, String> after(PowerCut cut) {
    return listing(CrashState.of(medium, cut));
  }

  static SortedMap<String, String> listing(CrashState state) {
    SortedMap<String, String> listing = new TreeMap<>();
    list("", state.root(), listing);
    return listing;
  }

  private static void list(
      String prefix, CrashState.Directory directory, Map<String, String> listing) {
    directory
        .names()
        .forEach(
            (name, node) -> {
              String path = prefix + name;
              if (node instanceof CrashState.Directory child) {
                listing.put(path + "/", "");
                list(path + "/", child, listing);
              } else if (node instanceof CrashState.File file) {
                listing.put(path, text(file.content()));
              } else if (node instanceof CrashState.Link link) {
                listing.put(path, "-> " + link.inode().target());
              }
            });
  }

  static String text(Pages content) {
    byte[] bytes = content.read(0, Math.toIntExact(content.size()));
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
