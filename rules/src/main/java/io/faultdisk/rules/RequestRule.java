package io.faultdisk.rules;

import java.util.OptionalLong;
import java.util.Set;

/**
 * A rule that decides what becomes of a request or an operation.
 *
 * <p>Immutable; safe from any thread.
 */
public sealed interface RequestRule extends Rule
    permits InjectError,
        Corrupt,
        TearWrite,
        DropWrite,
        MisdirectWrite,
        StaleRead,
        FailFlush,
        CutPower,
        BadBlocks,
        ConnectionFault,
        ShortTransfer {

  /** When it applies. */
  RuleMatch match();

  @Override
  default Event event() {
    return match().event();
  }

  @Override
  default Source source() {
    return match().source();
  }

  @Override
  default boolean expectFired() {
    return match().expectFired();
  }

  /** The state it applies in; 0 is any. */
  default int state() {
    return match().state();
  }

  /** The request types it matches; not empty. */
  default Set<RequestType> types() {
    return match().types();
  }

  /** A matching request contains the first byte of this 512-byte sector; empty is any. */
  default OptionalLong sector() {
    return match().sector();
  }

  /** Whether the first request it does something to consumes it. */
  default boolean once() {
    return match().once();
  }

  /** What else must hold. */
  default RuleFilter filter() {
    return match().filter();
  }
}
