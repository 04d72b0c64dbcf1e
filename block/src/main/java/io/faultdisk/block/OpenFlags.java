package io.faultdisk.block;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How an image is to be opened, as the command line says it; options of the image itself go before
 * these.
 *
 * @param readOnly no write, no lock for writing
 * @param direct bypass the page cache (O_DIRECT)
 * @param noFlush flushes do nothing (cache=unsafe)
 * @param unmap discards reach the image
 * @param copyOnRead reads of unallocated ranges write what they read into the image
 * @param snapshot writes go to a temporary overlay
 * @param writeThrough each write is followed by a flush, unless the driver can do it in one
 * @param aio how the file driver is to do its I/O
 * @param modes what a tool has in mind beyond that; immutable
 */
public record OpenFlags(
    boolean readOnly,
    boolean direct,
    boolean noFlush,
    boolean unmap,
    boolean copyOnRead,
    boolean snapshot,
    boolean writeThrough,
    Aio aio,
    Set<Mode> modes) {

  /** What a tool has in mind with an image, beyond reading and writing. */
  public enum Mode {
    /** Leave the backing file alone. For the top node only. */
    NO_BACKING,
    /** Only look at metadata: guest data is neither read nor written. Children inherit it. */
    NO_IO,
    /** The image is about to be checked: do not repair it on the way, accept what is damaged. */
    CHECK,
    /** The tool will change the size. */
    RESIZE,
    /** Nobody else may write to the image or change its size. */
    NO_SHARE,
    /** The image is a file that goes away with its node. */
    TEMPORARY
  }

  /**
   * How the file driver does its I/O. All are the same here; the names are accepted for scripts.
   */
  public enum Aio {
    /** Plain positional I/O. */
    THREADS,
    /** Linux native AIO; needs {@link #direct}. */
    NATIVE,
    /** Linux io_uring. */
    IO_URING;

    /** {@code threads}, {@code native} or {@code io_uring}. */
    public static Optional<Aio> named(String name) {
      return switch (name) {
        case "threads" -> Optional.of(THREADS);
        case "native" -> Optional.of(NATIVE);
        case "io_uring" -> Optional.of(IO_URING);
        default -> Optional.empty();
      };
    }
  }

  /** What the tools start from: writable, buffered, write-through, discards on. */
  public static final OpenFlags TOOL =
      new OpenFlags(false, false, false, true, false, false, true, Aio.THREADS, Set.of());

  /** Whether a mode is set. */
  public boolean has(Mode mode) {
    return modes.contains(mode);
  }

  /** The same with a mode set. */
  public OpenFlags with(Mode mode) {
    EnumSet<Mode> next = EnumSet.of(mode);
    next.addAll(modes);
    return withModes(next);
  }

  /** The same with a mode not set. */
  public OpenFlags without(Mode mode) {
    EnumSet<Mode> next = EnumSet.noneOf(Mode.class);
    next.addAll(modes);
    next.remove(mode);
    return withModes(next);
  }

  private OpenFlags withModes(Set<Mode> next) {
    return new OpenFlags(
        readOnly,
        direct,
        noFlush,
        unmap,
        copyOnRead,
        snapshot,
        writeThrough,
        aio,
        Set.copyOf(next));
  }

  /** The same, read-only or not. */
  public OpenFlags withReadOnly(boolean on) {
    return new OpenFlags(
        on, direct, noFlush, unmap, copyOnRead, snapshot, writeThrough, aio, modes);
  }

  /** The same with discards on or off. */
  public OpenFlags withUnmap(boolean on) {
    return new OpenFlags(
        readOnly, direct, noFlush, on, copyOnRead, snapshot, writeThrough, aio, modes);
  }

  /** The same with copy-on-read on or off. */
  public OpenFlags withCopyOnRead(boolean on) {
    return new OpenFlags(readOnly, direct, noFlush, unmap, on, snapshot, writeThrough, aio, modes);
  }

  /** The same with a temporary overlay or without. */
  public OpenFlags withSnapshot(boolean on) {
    return new OpenFlags(
        readOnly, direct, noFlush, unmap, copyOnRead, on, writeThrough, aio, modes);
  }

  /** The same with another kind of I/O. */
  public OpenFlags withAio(Aio kind) {
    return new OpenFlags(
        readOnly, direct, noFlush, unmap, copyOnRead, snapshot, writeThrough, kind, modes);
  }

  /** The same with another cache behaviour. */
  public OpenFlags withCache(boolean isDirect, boolean isNoFlush, boolean isWriteThrough) {
    return new OpenFlags(
        readOnly, isDirect, isNoFlush, unmap, copyOnRead, snapshot, isWriteThrough, aio, modes);
  }

  /**
   * The same with a cache mode: none, off, writeback, writethrough, directsync, unsafe; empty if
   * there is no such.
   */
  public Optional<OpenFlags> withCacheMode(String mode) {
    return switch (mode) {
      case "none", "off" -> Optional.of(withCache(true, false, false));
      case "directsync" -> Optional.of(withCache(true, false, true));
      case "writeback" -> Optional.of(withCache(false, false, false));
      case "unsafe" -> Optional.of(withCache(false, true, false));
      case "writethrough" -> Optional.of(withCache(false, false, true));
      default -> Optional.empty();
    };
  }

  /** The same with a discard mode: ignore, off, unmap, on; empty if there is no such. */
  public Optional<OpenFlags> withDiscardMode(String mode) {
    return switch (mode) {
      case "ignore", "off" -> Optional.of(withUnmap(false));
      case "unmap", "on" -> Optional.of(withUnmap(true));
      default -> Optional.empty();
    };
  }
}
