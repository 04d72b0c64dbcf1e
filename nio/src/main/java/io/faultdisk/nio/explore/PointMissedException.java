package io.faultdisk.nio.explore;

/** An attempt did not reach its point, and need not: it says nothing. */
public final class PointMissedException extends Exception {
  private static final long serialVersionUID = 1L;

  PointMissedException(String message) {
    super(message);
  }
}
