package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of driver: what {@code driver=NAME} or {@code PREFIX:...} opens. Stateless, safe from any
 * thread.
 */
public interface DriverType {
  /** The name in {@code driver=} and in messages. */
  String name();

  /** What it is in the graph. */
  Kind kind();

  /** What a driver is to the nodes around it. */
  enum Kind {
    /** At the bottom: it stores bytes itself. Opened without looking at the content first. */
    PROTOCOL,
    /** Interprets the content of its {@code file} child. */
    FORMAT,
    /** Passes requests on to one child. */
    FILTER
  }

  /**
   * Whether a file name is the driver's own affair; otherwise it says where the {@code file} child
   * is. Filters differ in that.
   */
  default boolean opensAsProtocol() {
    return kind() != Kind.FORMAT;
  }

  /** The prefix of its file names, as in {@code blkdebug:CONF:IMAGE}. */
  default Optional<String> prefix() {
    return Optional.empty();
  }

  /** All of them, for a driver that has several. */
  default Set<String> prefixes() {
    return prefix().map(Set::of).orElse(Set.of());
  }

  /**
   * Whether its content is new and empty each time it is opened. Then there is no format to be
   * guessed, and no harm in taking it for raw.
   */
  default boolean startsEmpty() {
    return false;
  }

  /** Whether it cannot be opened without {@code filename=}. */
  default boolean needsFilename() {
    return false;
  }

  /**
   * Whether the file name is one of a device that this driver is for. That goes before prefixes.
   */
  default boolean isDevice(String filename) {
    return false;
  }

  /** Turns a file name with the driver's prefix into options. */
  default void parseFilename(String filename, Options options) throws UsageException {}

  /**
   * How sure it is that content which starts so is its own: 0 no, 100 certain. At most 512 bytes
   * are shown, fewer if the file is shorter.
   */
  default int probe(byte[] head, String filename) {
    return 0;
  }

  /** Whether its images can hold compressed data. */
  default boolean writesCompressed() {
    return false;
  }

  /** Whether its images can have a backing file. */
  default boolean supportsBacking() {
    return false;
  }

  /**
   * The options that a file name for this node has to repeat, so that it opens the same. A name
   * that ends in a dot stands for all options that start so.
   */
  default List<String> namingOptions() {
    return List.of();
  }

  /**
   * Options on a reopen: adds those that were in force to those that are new, unless the new ones
   * say something else.
   *
   * @param old may be changed
   */
  default void joinOptions(Options next, Options old) {
    next.join(old);
  }

  /**
   * Those of its options that a reopen which does not name them takes back to their defaults. A
   * name that ends in a dot stands for all options that start so.
   */
  default List<String> mutableOptions() {
    return List.of();
  }

  /** Whether QEMU's driver of that name can be reopened by a command. */
  default boolean reopens() {
    return true;
  }

  /** Whether its first child is the one that gives it a name and takes its events. */
  default boolean hasPrimaryChild() {
    return true;
  }

  /**
   * Opens an instance; takes its options (and children) out of {@code opening}.
   *
   * @throws UsageException for wrong options, with the text that the user sees
   * @throws BlockIoException if the image cannot be read
   */
  BlockDriver open(Opening opening) throws UsageException, BlockIoException;
}
