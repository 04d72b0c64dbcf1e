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
    files.effects().lock();
    try {
      files.effects().aboutToChange(path);
      delete.run();
      files.space().forget(key);
      files.effects().deleted(path);
    } finally {
      files.effects().unlock();
    }
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
    files.effects().lock();
    try {
      files.effects().aboutToChange(path);
      make.run();
      files.effects().madeDirectory(path);
    } finally {
      files.effects().unlock();
    }
  }

  /** Makes a hard link. */
  static void link(FaultPath link, FaultPath existing, OpenFile.Action make) throws IOException {
    FaultFileSystem files = link.getFileSystem();
    files.gate().pass(FileEvents.LINK, link, existing);
    files.effects().lock();
    try {
      files.effects().aboutToChange(link);
      files.effects().aboutToChange(existing);
      make.run();
      files.effects().linked(link, existing);
    } finally {
      files.effects().unlock();
    }
  }

  /** Makes a symbolic link. */
  static void symbolicLink(FaultPath link, OpenFile.Action make) throws IOException {
    FaultFileSystem files = link.getFileSystem();
    files.gate().pass(FileEvents.LINK, link);
    files.effects().lock();
    try {
      files.effects().aboutToChange(link);
      make.run();
      files.effects().madeSymbolicLink(link);
    } finally {
      files.effects().unlock();
    }
  }

  /** Changes attributes. */
  static void attributes(FaultPath path, OpenFile.Action change) throws IOException {
    FaultFileSystem files = path.getFileSystem();
    files.gate().pass(FileEvents.SETATTR, path);
    files.effects().lock();
    try {
      files.effects().aboutToChange(path);
      change.run();
      files.effects().attributesChanged(path);
    } finally {
      files.effects().unlock();
    }
  }
}
