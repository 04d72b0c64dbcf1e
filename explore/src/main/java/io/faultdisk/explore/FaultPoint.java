package io.faultdisk.explore;

/**
 * A request of the recorded run that can be made to fail, named by epoch and place.
 *
 * <p>The name is not the request's number: over a mounted file system the numbers of two runs
 * differ, while the order inside of an epoch does not.
 *
 * @param number of the request in the recorded run, from 1
 * @param epoch how many flushes were completed before it
 * @param place where in the epoch, unique there: the last event before the request, which of its
 *     kind, and the kind of request: {@code l2_update#2 write}
 */
public record FaultPoint(int number, long epoch, String place) {
  /** Checks the numbers. */
  public FaultPoint {
    if (number < 1 || epoch < 0 || place.isEmpty()) {
      throw new IllegalArgumentException("fault point " + number + " '" + place + "'");
    }
  }

  /** {@code e3 l2_update#2 write}. */
  public String id() {
    return "e" + epoch + " " + place;
  }

  @Override
  public String toString() {
    return id();
  }
}
