package io.faultdisk.explore;

/**
 * One of the states that a power cut may leave.
 *
 * @param point the request before which the power goes: a flush or another barrier, or {@link
 *     #atEnd} for the end of the run
 * @param atEnd whether the power goes after the last request
 * @param pending how many writes were not yet durable
 * @param survivors which of them reached the medium, and in which order: the text of a {@code
 *     survivors} key
 * @param durable how many writes were durable before these, which tells apart equal survivors of
 *     one epoch
 */
public record CrashState(
    FaultPoint point, boolean atEnd, int pending, String survivors, int durable) {

  /** {@code e3 l2_update#2 flush: cut, 1-2 of 3 survive}. */
  public String id() {
    return (atEnd ? "end after " : "")
        + point.id()
        + ": cut, "
        + (pending == 0 ? "nothing pending" : survivors + " of " + pending + " survive");
  }

  @Override
  public String toString() {
    return id();
  }
}
