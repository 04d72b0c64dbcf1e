package io.faultdisk.rules;

import static io.faultdisk.rules.RequestType.DISCARD;
import static io.faultdisk.rules.RequestType.FLUSH;
import static io.faultdisk.rules.RequestType.READ;
import static io.faultdisk.rules.RequestType.WRITE;
import static io.faultdisk.rules.RequestType.WRITE_ZEROES;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What is to happen at an event. Immutable; which rules are armed or consumed is the {@link
 * FaultEngine}'s.
 *
 * <p>Release 17 has no pattern {@code switch}: switch on {@link #kind()}.
 */
public sealed interface Rule permits RequestRule, SetState, Breakpoint {

  /** One per implementation. */
  @SuppressWarnings("ImmutableEnumChecker") // the sets cannot be changed
  enum Kind {
    /** {@link InjectError}. */
    INJECT_ERROR("inject-error", EnumSet.allOf(RequestType.class)),
    /** {@link SetState}. */
    SET_STATE("set-state", Set.of()),
    /** {@link Breakpoint}. */
    BREAKPOINT("breakpoint", Set.of()),
    /** {@link ShortTransfer}. */
    SHORT_TRANSFER("short-transfer", EnumSet.allOf(RequestType.class)),
    /** {@link Corrupt}. */
    CORRUPT("inject-corruption", EnumSet.of(READ, WRITE)),
    /** {@link TearWrite}. */
    TEAR_WRITE("tear-write", EnumSet.of(WRITE)),
    /** {@link DropWrite}. */
    DROP_WRITE("drop-write", EnumSet.of(WRITE, WRITE_ZEROES, DISCARD)),
    /** {@link MisdirectWrite}. */
    MISDIRECT_WRITE("misdirect-write", EnumSet.of(WRITE)),
    /** {@link StaleRead}. */
    STALE_READ("stale-read", EnumSet.of(READ)),
    /** {@link FailFlush}. */
    FAIL_FLUSH("fail-flush", EnumSet.of(FLUSH)),
    /** {@link CutPower}. */
    CUT_POWER("cut-power", EnumSet.allOf(RequestType.class)),
    /** {@link BadBlocks}. */
    BAD_BLOCKS("bad-blocks", EnumSet.of(READ)),
    /** {@link ConnectionFault}. */
    CONNECTION_FAULT("inject-connection-fault", EnumSet.allOf(RequestType.class));

    private final String wireName;
    private final Set<RequestType> types;

    Kind(String wireName, Set<RequestType> types) {
      this.wireName = wireName;
      this.types = Collections.unmodifiableSet(types);
    }

    /** The section name in a rule file; breakpoints cannot be in one. */
    public String wireName() {
      return wireName;
    }

    /** The request types that such a rule can do something to; none if it is not about requests. */
    public Set<RequestType> types() {
      return types;
    }

    /** What such a rule without {@code iotype} means: as {@link RequestType#defaultTypes}. */
    Set<RequestType> defaultTypes() {
      Set<RequestType> defaults = EnumSet.copyOf(RequestType.defaultTypes());
      defaults.retainAll(types);
      return defaults;
    }
  }

  /** Which of the implementations this is. */
  Kind kind();

  /** The event that triggers the rule. */
  Event event();

  /** Where the rule came from. */
  Source source();

  /** Whether a run in which the rule never did anything has failed. */
  boolean expectFired();
}
