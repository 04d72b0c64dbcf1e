package io.faultdisk.nbd.bench;

/**
 * When a load is measured, in the nanoseconds of its clock.
 *
 * @param from the end of the warm-up
 * @param until {@link Long#MAX_VALUE} if there is no such limit
 */
record Window(long from, long until) {
  /** Whether what was answered at this time counts. */
  boolean holds(long nanos) {
    return nanos >= from && nanos <= until;
  }
}
