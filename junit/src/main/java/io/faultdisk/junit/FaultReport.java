package io.faultdisk.junit;

import java.util.Objects;

/**
 * What happened to the files of a failed test. Hangs on the failure as a suppressed exception,
 * since that is what every tool shows.
 */
final class FaultReport extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FaultReport(String text) {
    super(text, null, false, false);
  }

  /** Without the name of the class, which nobody needs in front of a page of text. */
  @Override
  @SuppressWarnings("OverrideThrowableToString")
  public String toString() {
    return Objects.requireNonNull(getMessage());
  }
}
