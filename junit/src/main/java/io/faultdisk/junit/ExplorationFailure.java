package io.faultdisk.junit;

/** An exploration has found something; its message says all, where it was thrown says nothing. */
final class ExplorationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  ExplorationFailure(String message) {
    super(message);
    setStackTrace(new StackTraceElement[0]);
  }
}
