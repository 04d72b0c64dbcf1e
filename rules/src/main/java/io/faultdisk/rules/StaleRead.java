package io.faultdisk.rules;

/**
 * One {@code [stale-read]} section: a matching read returns, for each sector, what was there before
 * the last write to it since the disk was opened; sectors not written since are read as they are.
 *
 * @param match when it applies
 */
public record StaleRead(RuleMatch match) implements RequestRule {
  /** Checks the types. */
  public StaleRead {
    match = match.of(Kind.STALE_READ);
  }

  @Override
  public Kind kind() {
    return Kind.STALE_READ;
  }
}
