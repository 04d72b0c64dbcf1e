package io.faultdisk.nio;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Operation;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/**
 * The exception that the JDK throws when a system call fails with an errno.
 *
 * <p>Source: observed on JDK 17 and 25 for Linux; {@code ErrnoExceptionsTest} repeats it.
 */
final class ErrnoExceptions {
  private ErrnoExceptions() {}

  /**
   * For an operation on a path.
   *
   * @param other the second path of a move, copy or link; null if there is none
   */
  static FileSystemException ofPath(
      Operation operation, Errno errno, String file, @Nullable String other) {
    if (errno.equals(Errno.EACCES)) {
      return new AccessDeniedException(file, other, null);
    }
    if (errno.equals(Errno.ENOENT)) {
      return new NoSuchFileException(file, other, null);
    }
    if (operation.equals(FileEvents.DELETE)
        && (errno.equals(Errno.ENOTEMPTY) || errno.equals(Errno.EEXIST))) {
      return new DirectoryNotEmptyException(file);
    }
    if (errno.equals(Errno.EEXIST)) {
      return new FileAlreadyExistsException(file, other, null);
    }
    if (operation.equals(FileEvents.LIST) && errno.equals(Errno.ENOTDIR)) {
      return new NotDirectoryException(file);
    }
    if (operation.equals(FileEvents.RENAME) && errno.equals(Errno.EXDEV)) {
      return new AtomicMoveNotSupportedException(file, other, errno.text());
    }
    if (errno.equals(Errno.ELOOP)) {
      return new FileSystemException(
          file, other, errno.text() + " or unable to access attributes of symbolic link");
    }
    return new FileSystemException(file, other, errno.text());
  }

  /** For an operation on an open file: the JDK names no path there. */
  static IOException ofChannel(Errno errno) {
    return new IOException(errno.text());
  }
}
