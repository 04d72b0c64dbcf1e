package io.faultdisk.nbd.tls;

import java.io.IOException;
import java.util.Objects;

/**
 * The two ends did not get to an encrypted connection; the message is for whoever runs this end.
 */
public final class TlsException extends IOException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Why; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
