package io.faultdisk.rules;

/**
 * One {@code [cut-power]} section: at a matching request or operation the power goes. Neither it
 * nor any after it has an effect; on a disk all fail with EIO until the power is restored.
 *
 * @param match when it applies; always {@code once}
 * @param survivors what a disk keeps of what was written since the last flush
 */
public record CutPower(RuleMatch match, Survivors survivors) implements RequestRule {
  /** Power can be cut once. */
  public CutPower {
    match = match.of(Kind.CUT_POWER).withOnce(true);
  }

  /** A cut after which nothing is left that was not flushed. */
  public CutPower(RuleMatch match) {
    this(match, Survivors.none());
  }

  @Override
  public Kind kind() {
    return Kind.CUT_POWER;
  }
}
