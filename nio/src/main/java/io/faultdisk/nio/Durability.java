package io.faultdisk.nio;

/**
 * What a file system promises about changes that nobody has asked it to make durable yet. Data
 * become durable with the {@code fsync} of their file and no sooner in both models; they differ in
 * the changes to directories.
 *
 * <p>Neither knows of a time after which a change becomes durable by itself: a program that relies
 * on one is wrong.
 */
public enum Durability {
  /**
   * What POSIX promises and no more. {@code fsync} of a file makes its data and size durable, but
   * not the directory entry that leads to it; {@code fsync} of a directory makes all changes of its
   * entries durable, a rename between two directories as a whole, and the changes that they build
   * upon. All others may be lost or kept one by one, in any order, but for these: changes of one
   * name are kept in their order, a directory is gone only after all that was in it, and of moves
   * of directories between directories no later one is kept without the earlier ones.
   */
  POSIX,

  /**
   * As ext4 (with delayed allocation, {@code data=ordered}) and XFS behave, on which many programs
   * rely without knowing: changes of directories, and sizes that were set (a file was cut), reach
   * the disk in their order, all over the file system, and any {@code fsync} makes all earlier ones
   * durable, if the file or directory has changed itself: written to, renamed, an entry added. So
   * does {@code fdatasync} of a file that is new or has another size than the durable one, while
   * one that was only written to gets just its data written.
   *
   * <p>The size of a file never runs ahead of its data, unless it was set: where it has grown by
   * writing, the data are there. There is no rule that a file which replaces another by rename has
   * its data written first; some file systems do that, as an option.
   */
  JOURNALED
}
