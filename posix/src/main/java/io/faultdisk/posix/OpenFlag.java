package io.faultdisk.posix;

/**
 * How to open a file. Without any flag it is opened for reading only.
 *
 * <p>Every file is opened with O_CLOEXEC. Source: open(2).
 */
public enum OpenFlag {
  /** O_RDWR instead of O_RDONLY. */
  READ_WRITE,
  /**
   * O_DIRECT: transfers bypass the page cache, and offsets, lengths and memory must be aligned to
   * the device's block size, else EINVAL. Some file systems refuse it at open with EINVAL.
   */
  DIRECT,
  /** O_CREAT with mode 0644 before the umask. */
  CREATE,
  /** O_EXCL: together with {@link #CREATE}, fail with EEXIST if the file exists. */
  EXCLUSIVE,
  /** O_TRUNC. */
  TRUNCATE
}
