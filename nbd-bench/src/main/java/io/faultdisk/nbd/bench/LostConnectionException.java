package io.faultdisk.nbd.bench;

import java.io.IOException;

/** A connection ended, or stopped making sense, before its requests were answered. */
public final class LostConnectionException extends IOException {
  private static final long serialVersionUID = 1L;

  LostConnectionException(String message) {
    super(message);
  }
}
