package io.faultdisk.nio.explore;

/** Goes along with an attempt, and may make more go wrong than its trial says. */
interface Companion {
  /** Somebody who only looks on. */
  Companion NONE = new Companion() {};

  /** The workload begins. */
  default void runBegins(Attempt attempt) {}

  /** The workload has ended, one way or the other; if the power is to go, it is still on. */
  default void runEnds(Attempt attempt) {}

  /** Recovery begins. */
  default void recoveryBegins(Attempt attempt) {}

  /** Recovery has ended. */
  default void recoveryEnds(Attempt attempt) {}
}
