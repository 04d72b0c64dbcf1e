package io.faultdisk.posix;

import io.faultdisk.base.Errno;
import java.io.IOException;

/**
 * A system call that failed, with the errno it left behind.
 *
 * <p>The message reads {@code pwrite of 512 bytes at 65536 to 'disk.img': No space left on device};
 * callers that print something else build it from {@link #errno()}.
 */
public final class PosixException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Errno errno;

  PosixException(Errno errno, String operation) {
    super(operation + ": " + errno.text());
    this.errno = errno;
  }

  /** Why the call failed. Never {@link Errno#SUCCESS}. */
  public Errno errno() {
    return errno;
  }
}
