package io.faultdisk.rules;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operations of a file system, which are events too: what a rule of {@link Dialect#FILES} can
 * name.
 *
 * <p>{@link #READ}, {@link #WRITE} and {@link #FSYNC} also announce the events that QEMU's drivers
 * announce for a disk, so that a blkdebug file that names {@code read_aio}, {@code write_aio} or
 * {@code flush_to_disk} works on files.
 */
public final class FileEvents {
  private static final Map<String, Operation> BY_NAME = new LinkedHashMap<>();

  /** Opens a file or directory that is there. */
  public static final Operation OPEN = define("open");

  /** Opens a file that is not there yet, which makes it. */
  public static final Operation CREATE = define("create");

  /** Reads a range of a file. */
  public static final Operation READ = define("read", RequestType.READ, QemuEvents.READ_AIO);

  /** Writes a range of a file. */
  public static final Operation WRITE = define("write", RequestType.WRITE, QemuEvents.WRITE_AIO);

  /** Changes the size of a file; the range is from the new size on. */
  public static final Operation TRUNCATE = define("truncate");

  /** Makes a file or directory durable, with its metadata: {@code force(true)}. */
  public static final Operation FSYNC =
      define("fsync", RequestType.FLUSH, QemuEvents.FLUSH_TO_DISK);

  /** Makes a file's data durable: {@code force(false)}. Rules on {@code fsync} decide it, too. */
  public static final Operation FDATASYNC =
      put(
          new Operation(
              new Event("fdatasync"), FSYNC.event(), RequestType.FLUSH, QemuEvents.FLUSH_TO_DISK));

  /** Moves or renames; rules look at the source and the target. */
  public static final Operation RENAME = define("rename");

  /** Removes a file, link or empty directory. */
  public static final Operation DELETE = define("delete");

  /** Makes a hard or symbolic link. */
  public static final Operation LINK = define("link");

  /** Makes a directory. */
  public static final Operation MKDIR = define("mkdir");

  /** Opens a directory to list it. */
  public static final Operation LIST = define("list");

  /** Reads attributes, or asks whether a file is there or accessible. */
  public static final Operation STAT = define("stat");

  /** Changes attributes. */
  public static final Operation SETATTR = define("setattr");

  /** Closes a channel. */
  public static final Operation CLOSE = define("close");

  /** Locks a range of a file. */
  public static final Operation LOCK = define("lock");

  /** Maps a range of a file into memory. */
  public static final Operation MAP = define("map");

  private static final List<Operation> ALL = List.copyOf(BY_NAME.values());

  private FileEvents() {}

  private static Operation define(String name) {
    return put(Operation.of(new Event(name)));
  }

  private static Operation define(String name, RequestType type, Event alias) {
    return put(new Operation(new Event(name), null, type, alias));
  }

  private static Operation put(Operation operation) {
    BY_NAME.put(operation.name(), operation);
    return operation;
  }

  /** All, in the order in which they are explained to people. */
  public static List<Operation> all() {
    return ALL;
  }

  /** The operation with this name. */
  public static Optional<Operation> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /**
   * The event that a rule for files means: an operation's, its alias, {@code none}, or one's own.
   */
  static Optional<Event> event(String name) {
    Optional<Operation> operation = named(name);
    if (operation.isPresent()) {
      return Optional.of(operation.get().event());
    }
    for (Operation one : all()) {
      if (one.alias() != null && one.alias().name().equals(name)) {
        return Optional.of(one.alias());
      }
    }
    return name.equals(QemuEvents.NONE.name())
        ? Optional.of(QemuEvents.NONE)
        : EventNames.ownBesideFiles(name);
  }
}
