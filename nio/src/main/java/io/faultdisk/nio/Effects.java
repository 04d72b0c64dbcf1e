package io.faultdisk.nio;

import java.io.IOException;

/**
 * Who wants to know what has been done to a file system: called after the wrapped one has done it,
 * before the caller gets to know.
 *
 * <p>What an operation says of itself before it is begun goes through {@code Faults}; here only
 * what did happen counts. {@link PowerLoss} lives on this.
 *
 * <p>Called by the thread that did it, between {@link #lock} and {@link #unlock}, which enclose
 * what is done to the wrapped file system, too: what is told happened in the order in which it is
 * told. An error that is thrown here is what the caller gets.
 */
interface Effects {
  /** Nobody. */
  Effects NONE =
      new Effects() {
        @Override
        public boolean listening() {
          return false;
        }
      };

  /**
   * Whether anything below is of interest. If not, nothing is called and no bytes are kept.
   * Constant for as long as the file system is open.
   */
  default boolean listening() {
    return true;
  }

  /**
   * Before a change, and before {@link #aboutToChange}: until {@link #unlock}, nobody else changes
   * anything.
   *
   * @throws IOException if the power is off
   */
  default void lock() throws IOException {}

  /** After a change, and after it was told of, or it failed. */
  default void unlock() {}

  /**
   * Before something is changed at a path: opened for writing (and perhaps cut to nothing),
   * deleted, moved, linked, its attributes changed. The last chance to see what was there. The
   * change may still fail.
   */
  default void aboutToChange(FaultPath path) throws IOException {}

  /**
   * A file was opened by a channel or a stream.
   *
   * @param path as the caller named it; links are followed
   * @param opening what was done to it by opening
   * @return told what is done through the channel
   */
  default FileEffects opened(FaultPath path, Opening opening) throws IOException {
    return FileEffects.NONE;
  }

  /**
   * What opening a file did to it.
   *
   * @param created whether it was not there before
   * @param emptied whether it was cut to nothing ({@code TRUNCATE_EXISTING})
   * @param writable whether the channel can write
   * @param sync what each write makes durable at once ({@code DSYNC}, {@code SYNC})
   */
  record Opening(boolean created, boolean emptied, boolean writable, Sync sync) {}

  /** What is made durable. */
  enum Sync {
    NONE,
    DATA,
    ALL
  }

  /** A file, a link or an empty directory is gone. */
  default void deleted(FaultPath path) throws IOException {}

  /** Moved or renamed; what was at the target, if anything, is gone. */
  default void renamed(FaultPath source, FaultPath target) throws IOException {}

  /**
   * A move or copy failed, which may have removed what was to be replaced or made a part, or it did
   * what is hard to tell beforehand: look at the target.
   */
  default void uncertain(FaultPath target) throws IOException {}

  /** A hard link was made. */
  default void linked(FaultPath link, FaultPath existing) throws IOException {}

  /** A symbolic link was made, or copied. */
  default void madeSymbolicLink(FaultPath link) throws IOException {}

  /** A directory was made. */
  default void madeDirectory(FaultPath directory) throws IOException {}

  /** Attributes were changed: times, permissions, owner, extended ones. */
  default void attributesChanged(FaultPath path) throws IOException {}

  /** A directory was forced through a channel on it: its entries are durable. */
  default void forcedDirectory(FaultPath directory) throws IOException {}

  /** A file was mapped for writing, and somebody compares what is stored; see {@link Mappings}. */
  default void mapped(Mappings mappings) {}

  /**
   * The power went; called once, with any locks held. From now on nothing reaches the wrapped file
   * system.
   */
  default void powerWentOff() {}
}
