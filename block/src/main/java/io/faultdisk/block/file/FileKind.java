package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.posix.FileStatus;
import java.util.Optional;

/** What a driver of this package wants its file to be. */
enum FileKind {
  /** An ordinary file, which can be resized. */
  REGULAR("file"),
  /** A block or character device, which cannot. */
  DEVICE("host_device"),
  /** A drive for optical discs: the same. */
  CDROM("host_cdrom");

  private final String driver;

  FileKind(String driver) {
    this.driver = driver;
  }

  /** The driver for such files. */
  String driver() {
    return driver;
  }

  /** Why a file is refused; empty if it is what it should be. */
  Optional<UsageException> refusal(FileStatus.Kind kind, String filename) {
    boolean device =
        kind == FileStatus.Kind.BLOCK_DEVICE || kind == FileStatus.Kind.CHARACTER_DEVICE;
    boolean good = this == REGULAR ? kind == FileStatus.Kind.REGULAR : device;
    String wanted = this == REGULAR ? "a regular file" : "either a character or block device";
    return good
        ? Optional.empty()
        : Optional.of(
            new UsageException(
                "'" + driver + "' driver requires '" + filename + "' to be " + wanted));
  }
}
