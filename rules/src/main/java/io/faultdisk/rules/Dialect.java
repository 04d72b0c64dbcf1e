package io.faultdisk.rules;

/** How strictly rule sources are read. */
public enum Dialect {
  /**
   * Exactly as QEMU 7.2: same rules refused, same messages and nothing more. For the drop-in
   * commands. The one exception is a negative {@code errno}, which QEMU takes and then reports the
   * request as successful; we refuse it.
   */
  QEMU,

  /**
   * Everything QEMU accepts, and more: further kinds of faults and conditions, errors by name,
   * event names of your own and the dotted event names of 2014. Messages begin with the place
   * ({@code rules.conf:3: }) and hints say what to do instead.
   */
  FAULTDISK,

  /**
   * Rules for the files of a program rather than for a disk: the operations of {@link FileEvents}
   * are events, {@code path} and other keys of ours are understood, and errors have names. Of
   * QEMU's events those that a file system has something for, and {@code none}.
   */
  FILES
}
