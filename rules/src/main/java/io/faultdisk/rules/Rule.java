package io.faultdisk.rules;

/**
 * What is to happen at an event. Immutable; which rules are armed or consumed is the {@link
 * FaultEngine}'s.
 *
 * <p>Release 17 has no pattern {@code switch}: switch on {@link #kind()}.
 */
public sealed interface Rule permits RequestRule, SetState, Breakpoint {

  /** One per implementation. */
  enum Kind {
    /** {@link InjectError}. */
    INJECT_ERROR("inject-error"),
    /** {@link SetState}. */
    SET_STATE("set-state"),
    /** {@link Breakpoint}. */
    BREAKPOINT("breakpoint"),
    /** {@link ShortTransfer}. */
    SHORT_TRANSFER("short-transfer"),
    /** {@link FailFlush}. */
    FAIL_FLUSH("fail-flush"),
    /** {@link CutPower}. */
    CUT_POWER("cut-power");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }

    /** The section name in a rule file; breakpoints cannot be in one. */
    public String wireName() {
      return wireName;
    }
  }

  /** Which of the implementations this is. */
  Kind kind();

  /** The event that triggers the rule. */
  Event event();

  /** Where the rule came from. */
  Source source();
}
