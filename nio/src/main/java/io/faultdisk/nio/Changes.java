package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import java.io.IOException;

/** Operations that change what names there are: asked for before, told of after. */
final class Changes {
  private Changes() {}

  /** Deletes a file, link or directory. */
  static void delete(FaultPath path, OpenFile.Action delete) throws IOException {
    FaultFileSystem files = path.getFileSystem();
    files.gate().pass(FileEvents.DELETE, path);
    Object key = files.space().limited() ? Space.lastNameOf(path.delegate()) : null;
    change(
        files,
        delete,
        () -> {
          files.space().forget(key);
          files.effects().deleted(path);
        },
        path);
  }

  /** Deletes, if it is there. */
  static boolean deleteIfExists(FaultPath path) throws IOException {
    FaultFileSystem files = path.getFileSystem();
    files.gate().pass(FileEvents.DELETE, path);
    Object key = files.space().limited() ? Space.lastNameOf(path.delegate()) : null;
    files.effects().lock();
    try {
      files.effects().aboutToChange(path);
      boolean deleted = files.delegate().provider().deleteIfExists(path.delegate());
      if (deleted) {
        files.space().forget(key);
        files.effects().deleted(path);
      }
      return deleted;
    } finally {
      files.effects().unlock();
    }
  }

  /** Moves; rules look at the source and then at the target. */
  static void move(FaultPath source, FaultPath target, OpenFile.Action move) throws IOException {
    FaultFileSystem files = source.getFileSystem();
    files.gate().pass(FileEvents.RENAME, source, target);
    Object replaced = null;
    Object from = null;
    if (files.space().limited()) {
      replaced = Space.lastNameOf(target.delegate());
      from = Space.lastNameOf(source.delegate());
    }
    files.effects().lock();
    try {
      files.effects().aboutToChange(source);
      files.effects().aboutToChange(target);
      try {
        move.run();
      } catch (IOException | RuntimeException e) {
        files.effects().uncertain(target);
        throw e;
      }
      if (replaced != null && !replaced.equals(from)) {
        files.space().forget(replaced);
      }
      if (from != null) {
        Object to = Space.lastNameOf(target.delegate());
        if (to != null && !to.equals(from)) {
          files.space().moved(from, to);
        }
      }
      files.effects().renamed(source, target);
    } finally {
      files.effects().unlock();
    }
  }

  /** Makes a directory. */
  static void directory(FaultPath path, OpenFile.Action make) throws IOException {
    FaultFileSystem files = path.getFileSystem();
    files.gate().pass(FileEvents.MKDIR, path);
    change(files, make, () -> files.effects().madeDirectory(path), path);
  }

  /** Makes a hard link. */
  static void link(FaultPath link, FaultPath existing, OpenFile.Action make) throws IOException {
    FaultFileSystem files = link.getFileSystem();
    files.gate().pass(FileEvents.LINK, link, existing);
    change(files, make, () -> files.effects().linked(link, existing), link, existing);
  }

  /** Makes a symbolic link. */
  static void symbolicLink(FaultPath link, OpenFile.Action make) throws IOException {
    FaultFileSystem files = link.getFileSystem();
    files.gate().pass(FileEvents.LINK, link);
    change(files, make, () -> files.effects().madeSymbolicLink(link), link);
  }

  /** Changes attributes. */
  static void attributes(FaultPath path, OpenFile.Action change) throws IOException {
    FaultFileSystem files = path.getFileSystem();
    files.gate().pass(FileEvents.SETATTR, path);
    change(files, change, () -> files.effects().attributesChanged(path), path);
  }

  /** Changes something at these paths and tells of it, with nothing else in between. */
  private static void change(
      FaultFileSystem files, OpenFile.Action make, OpenFile.Action tell, FaultPath... paths)
      throws IOException {
    files.effects().lock();
    try {
      for (FaultPath path : paths) {
        files.effects().aboutToChange(path);
      }
      make.run();
      tell.run();
    } finally {
      files.effects().unlock();
    }
  }
}
