package io.faultdisk.nio;

/**
 * Who wants to know what has been done to a file system: called after the wrapped one has done it,
 * before the caller gets to know.
 *
 * <p>What an operation says of itself before it is begun goes through {@code Faults}; here only
 * what did happen counts. A model of what is durable lives on this, see {@code
 * io.faultdisk.nio.power}.
 *
 * <p>Called by the thread that did it, with no lock of ours held. What comes from one thread comes
 * in its order; two threads that change the same bytes at once may be told of in either order, as a
 * disk might see them.
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
   * Before something is changed at a path: opened for writing (and perhaps cut to nothing),
   * deleted, moved, linked, its attributes changed. The last chance to see what was there. The
   * change may still fail.
   */
  default void aboutToChange(FaultPath path) {}

  /**
   * A file was opened by a channel or a stream.
   *
   * @param path as the caller named it; links are followed
   * @param opening what was done to it by opening
   * @return told what is done through the channel
   */
  default FileEffects opened(FaultPath path, Opening opening) {
    return FileEffects.NONE;
  }

  /**
   * What opening a file did to it.
   *
   * @param created whether it was not there before
   * @param emptied whether it was cut to nothing ({@code TRUNCATE_EXISTING})
   * @param writable whether the channel can write
   */
  record Opening(boolean created, boolean emptied, boolean writable) {}

  /** A file, a link or an empty directory is gone. */
  default void deleted(FaultPath path) {}

  /** Moved or renamed; what was at the target, if anything, is gone. */
  default void renamed(FaultPath source, FaultPath target) {}

  /** A hard link was made. */
  default void linked(FaultPath link, FaultPath existing) {}

  /** A symbolic link was made, or copied. */
  default void madeSymbolicLink(FaultPath link) {}

  /** A directory was made. */
  default void madeDirectory(FaultPath directory) {}

  /** Attributes were changed: times, permissions, owner, extended ones. */
  default void attributesChanged(FaultPath path) {}

  /** A directory was forced through a channel on it: its entries are durable. */
  default void forcedDirectory(FaultPath directory) {}

  /** The power went; called once. From now on nothing reaches the wrapped file system. */
  default void powerWentOff() {}
}
