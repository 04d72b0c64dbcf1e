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

  /** Hangs a report on a failure, if it has none yet. */
  static void attach(Throwable failure, String text) {
    for (Throwable suppressed : failure.getSuppressed()) {
      if (suppressed instanceof FaultReport) {
        return;
      }
    }
    failure.addSuppressed(new FaultReport(text));
  }

  /** Without the name of the class, which nobody needs in front of a page of text. */
  @Override
  @SuppressWarnings("OverrideThrowableToString")
  public String toString() {
    return Objects.requireNonNull(getMessage());
  }
}
