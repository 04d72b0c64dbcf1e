package io.faultdisk.nbd;

import io.faultdisk.base.Errno;
import java.util.Optional;

/**
 * An error number of the protocol. There are few of them, and they are the same everywhere, unlike
 * the {@link Errno} they stand for. Immutable; lookups allocate nothing.
 *
 * <p>Source: the protocol's "Error values"; which errno becomes what is as in QEMU 7.2's
 * nbd/server.c and nbd/common.c.
 */
public enum NbdError {
  EPERM(Errno.EPERM),
  EIO(Errno.EIO),
  ENOMEM(Errno.ENOMEM),
  EINVAL(Errno.EINVAL),
  ENOSPC(Errno.ENOSPC),
  EOVERFLOW(Errno.EOVERFLOW),
  ENOTSUP(Errno.ENOTSUP),
  ESHUTDOWN(Errno.ESHUTDOWN);

  /** The number of a reply without an error. */
  public static final int SUCCESS = 0;

  private static final NbdError[] ALL = values();

  @SuppressWarnings("ImmutableEnumChecker") // an Errno is immutable, it just does not say so
  private final Errno errno;

  @SuppressWarnings("ImmutableEnumChecker") // made once so that a lookup makes nothing
  private final Optional<NbdError> found = Optional.of(this);

  NbdError(Errno errno) {
    this.errno = errno;
  }

  /** The error with this number on the wire; empty for success and for numbers that are none. */
  public static Optional<NbdError> of(int number) {
    for (NbdError each : ALL) {
      if (each.number() == number) {
        return each.found;
      }
    }
    return Optional.empty();
  }

  /** What a server says to a client when a request ended with this errno (which is no success). */
  public static NbdError from(Errno errno) {
    if (errno.equals(Errno.EROFS)) {
      return EPERM;
    }
    if (errno.equals(Errno.EDQUOT) || errno.equals(Errno.EFBIG)) {
      return ENOSPC;
    }
    return of(errno.number()).orElse(EINVAL);
  }

  /**
   * What a client makes of a number in a reply: {@link Errno#SUCCESS} of 0, {@link Errno#EINVAL} of
   * numbers that the protocol does not have.
   */
  public static Errno errnoOf(int number) {
    if (number == SUCCESS) {
      return Errno.SUCCESS;
    }
    return of(number).orElse(EINVAL).errno;
  }

  /** The number on the wire. */
  public int number() {
    return errno.number();
  }

  /** The errno that it stands for. */
  public Errno errno() {
    return errno;
  }
}
