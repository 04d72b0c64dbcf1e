package io.faultdisk.nio;

import io.faultdisk.nio.DirectoryInode.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a file system what a {@link CrashState} says, in place: deletes, moves, makes and rewrites
 * what differs from what is there, and touches nothing else. For one thread; nobody else may change
 * the file system meanwhile.
 *
 * <p>Directories that moved may be full of files that we know nothing of, so they are moved, not
 * made anew: first aside, into a directory that stays, then, when all that has to go is gone, to
 * where they belong.
 */
final class CrashRewrite {
  private final Medium medium;
  private final Places places;

  /** Directories that do not belong where they are, and where they were put. */
  private final Map<DirectoryInode, Path> aside = new HashMap<>();

  /** Directories that are where they belong. */
  private final Set<DirectoryInode> staying = new HashSet<>();

  /** Directories that there shall be, but where they are not. */
  private final List<Moving> moving = new ArrayList<>();

  /** Where there is a file that shall be there, by its inode. */
  private final Map<FileInode, Path> files = new HashMap<>();

  /**
   * A directory to be moved.
   *
   * @param shelter a directory that stays where it is
   */
  private record Moving(DirectoryInode directory, DirectoryInode shelter) {}

  CrashRewrite(Medium medium, Places places) {
    this.medium = medium;
    this.places = places;
  }

  void run(CrashState state) throws IOException {
    survey(state.root(), medium.root());
    moveAside();
    clear(state.root());
    build(state.root());
  }

  /** Looks which directories stay and which have to move. */
  private void survey(CrashState.Directory directory, DirectoryInode shelter) {
    for (Map.Entry<String, CrashState.@Nullable Node> entry : directory.names().entrySet()) {
      if (entry.getValue() instanceof CrashState.Directory child) {
        DirectoryInode inode = child.inode();
        Slot slot = directory.inode().slot(entry.getKey());
        boolean parentStays = directory.inode() == medium.root() || isStaying(directory);
        if (parentStays && slot.equals(inode.place())) {
          staying.add(inode);
          survey(child, inode);
        } else {
          // Whatever is in it is not where it belongs either, as long as it is not.
          if (inode.place() != null) {
            moving.add(new Moving(inode, shelter));
          }
          survey(child, shelter);
        }
      }
    }
  }

  private boolean isStaying(CrashState.Directory directory) {
    return staying.contains(directory.inode());
  }

  private void moveAside() throws IOException {
    // From the inside out, so that each is where the model says when it is its turn.
    moving.sort((a, b) -> depth(b.directory) - depth(a.directory));
    for (Moving each : moving) {
      Path from = places.of(each.directory);
      Path to = places.of(each.shelter).resolve(".faultdisk-moving-" + each.directory.id());
      Files.move(from, to);
      aside.put(each.directory, to);
      clearMoved(each.directory, to);
    }
  }

  /** Of a directory that was moved only what we know nothing of is kept. */
  private void clearMoved(DirectoryInode directory, Path path) throws IOException {
    for (Slot slot : directory.slots()) {
      if (slot.current() != null && !isAside(slot.current())) {
        delete(path.resolve(slot.name()));
      }
    }
  }

  private static int depth(DirectoryInode directory) {
    Slot place = directory.place();
    return place == null ? 0 : 1 + depth(place.directory());
  }

  /** Deletes what shall not be there, in all directories that stay. */
  private void clear(CrashState.Directory directory) throws IOException {
    for (Slot slot : directory.inode().slots()) {
      Inode current = slot.current();
      CrashState.Node wanted = directory.names().get(slot.name());
      if (current == null || isAside(current)) {
        continue;
      }
      Path path = places.of(slot);
      if (inode(wanted) != current) {
        delete(path);
      } else if (wanted instanceof CrashState.Directory inner) {
        clear(inner);
      } else if (wanted instanceof CrashState.File file) {
        files.put(file.inode(), path);
      }
    }
  }

  private boolean isAside(Inode inode) {
    return inode instanceof DirectoryInode directory && aside.containsKey(directory);
  }

  private static @Nullable Inode inode(CrashState.@Nullable Node node) {
    if (node instanceof CrashState.Directory directory) {
      return directory.inode();
    }
    if (node instanceof CrashState.File file) {
      return file.inode();
    }
    return node instanceof CrashState.Link link ? link.inode() : null;
  }

  /** Makes what shall be there and is not. */
  private void build(CrashState.Directory directory) throws IOException {
    for (Map.Entry<String, CrashState.@Nullable Node> entry : directory.names().entrySet()) {
      CrashState.Node node = entry.getValue();
      if (node != null) {
        build(node, places.of(directory.inode().slot(entry.getKey())));
      }
    }
  }

  private void build(CrashState.Node node, Path target) throws IOException {
    if (node instanceof CrashState.Directory directory) {
      build(directory, target);
    } else if (node instanceof CrashState.File file) {
      build(file, target);
    } else if (node instanceof CrashState.Link link
        && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      Files.createSymbolicLink(target, target.getFileSystem().getPath(link.inode().target()));
    }
  }

  private void build(CrashState.Directory directory, Path target) throws IOException {
    Path moved = aside.get(directory.inode());
    if (moved != null) {
      Files.move(moved, target);
    } else if (!isStaying(directory)) {
      Files.createDirectory(target);
    }
    for (Map.Entry<String, CrashState.@Nullable Node> entry : directory.names().entrySet()) {
      CrashState.Node node = entry.getValue();
      if (node != null) {
        build(node, target.resolve(entry.getKey()));
      }
    }
  }

  private void build(CrashState.File file, Path target) throws IOException {
    Path there = files.putIfAbsent(file.inode(), target);
    if (there == null) {
      Contents.create(target, file.content());
    } else if (there.equals(target)) {
      if (!file.content().sameAs(file.inode().current())) {
        Contents.rewrite(target, file.content(), file.inode().current());
      }
    } else if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      CrashCopy.link(target, there);
    }
  }

  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (Path child : CrashCopy.children(path)) {
        delete(child);
      }
    }
    Files.deleteIfExists(path);
  }
}
