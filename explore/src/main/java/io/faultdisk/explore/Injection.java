package io.faultdisk.explore;

import io.faultdisk.base.Errno;

/**
 * An error at a fault point.
 *
 * @param point where
 * @param errno which error
 * @param sticky whether all requests from there on fail, too
 */
public record Injection(FaultPoint point, Errno errno, boolean sticky) {
  /** {@code e3 l2_update#2 write: EIO}, followed by {@code sticky} if it is. */
  public String id() {
    return point.id() + ": " + errno.name() + (sticky ? " sticky" : "");
  }

  @Override
  public String toString() {
    return id();
  }
}
