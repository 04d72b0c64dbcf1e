package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Set;

/** Opens files: asks the rules, lets the wrapped file system open, wraps what it gives. */
final class Opens {
  private Opens() {}

  /** How the wrapped file system opens. */
  @FunctionalInterface
  interface Open<T> {
    T run() throws IOException;
  }

  /** Wraps what it has opened. */
  @FunctionalInterface
  interface Wrap<T, R> {
    R of(OpenFile file, T opened) throws IOException;
  }

  /** Asks whether a file may be opened so. */
  private static Effects.Opening ask(FaultPath path, Collection<? extends OpenOption> options)
      throws IOException {
    FaultFileSystem files = path.getFileSystem();
    Path delegate = path.delegate();
    boolean append = options.contains(StandardOpenOption.APPEND);
    boolean writable = append || options.contains(StandardOpenOption.WRITE);
    boolean created = false;
    boolean emptied = false;
    if (writable) {
      boolean fresh = options.contains(StandardOpenOption.CREATE_NEW);
      if (fresh || options.contains(StandardOpenOption.CREATE)) {
        created = fresh || !Files.exists(delegate);
      }
      emptied = !created && !append && options.contains(StandardOpenOption.TRUNCATE_EXISTING);
    }
    files.gate().pass(created ? FileEvents.CREATE : FileEvents.OPEN, path);
    if (emptied) {
      files.gate().pass(FileEvents.TRUNCATE, path);
    }
    Effects.Sync sync =
        options.contains(StandardOpenOption.SYNC)
            ? Effects.Sync.ALL
            : options.contains(StandardOpenOption.DSYNC) ? Effects.Sync.DATA : Effects.Sync.NONE;
    return new Effects.Opening(created, emptied, writable, sync);
  }

  private static OpenFile opened(
      FaultPath path, Effects.Opening opening, Collection<? extends OpenOption> options)
      throws IOException {
    FaultFileSystem files = path.getFileSystem();
    Effects effects = files.effects();
    boolean directory =
        effects.listening() && !opening.writable() && Files.isDirectory(path.delegate());
    Object key = "";
    if (files.space().limited() && opening.writable()) {
      key = keyOf(path);
      if (opening.emptied()) {
        files.space().forget(key);
      }
    }
    return new OpenFile(
        path,
        directory ? FileEffects.NONE : effects.opened(path, opening),
        new OpenFile.Kind(
            directory,
            opening.writable(),
            options.contains(StandardOpenOption.APPEND),
            options.contains(StandardOpenOption.DELETE_ON_CLOSE)),
        key);
  }

  private static Object keyOf(FaultPath path) {
    try {
      return Space.keyOf(path.delegate());
    } catch (IOException e) {
      return path.delegate().toAbsolutePath().normalize(); // Deleted already: DELETE_ON_CLOSE.
    }
  }

  static SeekableByteChannel byteChannel(
      FaultPath path, Set<? extends OpenOption> options, Open<SeekableByteChannel> open)
      throws IOException {
    return open(
        path,
        options,
        open,
        (file, channel) ->
            channel instanceof FileChannel whole
                ? new FaultFileChannel(file, whole)
                : new FaultByteChannel(file, channel));
  }

  static FileChannel fileChannel(
      FaultPath path, Set<? extends OpenOption> options, Open<FileChannel> open)
      throws IOException {
    return open(
        path,
        options,
        () -> {
          try {
            return open.run();
          } catch (IOException e) {
            return directory(path, options, e);
          }
        },
        FaultFileChannel::new);
  }

  /** Opens whatever gives access to a file. */
  static <T extends Closeable, R> R open(
      FaultPath path, Collection<? extends OpenOption> options, Open<T> open, Wrap<T, R> wrap)
      throws IOException {
    Effects.Opening opening = ask(path, options);
    if (!opening.writable() && !options.contains(StandardOpenOption.DELETE_ON_CLOSE)) {
      return wrapped(path, options, opening, open, wrap);
    }
    Effects effects = path.getFileSystem().effects();
    effects.lock();
    try {
      effects.aboutToChange(path);
      return wrapped(path, options, opening, open, wrap);
    } finally {
      effects.unlock();
    }
  }

  private static <T extends Closeable, R> R wrapped(
      FaultPath path,
      Collection<? extends OpenOption> options,
      Effects.Opening opening,
      Open<T> open,
      Wrap<T, R> wrap)
      throws IOException {
    T opened = open.run();
    try {
      return wrap.of(opened(path, opening, options), opened);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** A channel that can be forced, if the path is a directory that was to be read. */
  private static FileChannel directory(
      FaultPath path, Set<? extends OpenOption> options, IOException e) throws IOException {
    for (OpenOption option : options) {
      if (option != StandardOpenOption.READ && option != LinkOption.NOFOLLOW_LINKS) {
        throw e;
      }
    }
    LinkOption[] links =
        options.contains(LinkOption.NOFOLLOW_LINKS)
            ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS}
            : new LinkOption[0];
    if (Files.isDirectory(path.delegate(), links)) {
      return new DirectoryChannel();
    }
    throw e;
  }
}
