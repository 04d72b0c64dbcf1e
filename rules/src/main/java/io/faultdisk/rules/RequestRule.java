package io.faultdisk.rules;

import java.util.OptionalLong;
import java.util.Set;

/**
 * A rule that decides what becomes of a request or an operation.
 *
 * <p>Immutable; safe from any thread.
 */
public sealed interface RequestRule extends Rule
    permits InjectError, ShortTransfer, FailFlush, CutPower {

  /** The state it applies in; 0 is any. */
  int state();

  /** The request types it matches; not empty. */
  Set<RequestType> types();

  /** A matching request contains the first byte of this 512-byte sector; empty is any. */
  OptionalLong sector();

  /** Whether the first request it does something to consumes it. */
  boolean once();

  /** What else must hold. */
  RuleFilter filter();
}
