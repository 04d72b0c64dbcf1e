package io.faultdisk.rules;

/**
 * One {@code [drop-write]} section: a matching write, zero write or discard is acknowledged and
 * never stored.
 *
 * @param match when it applies
 */
public record DropWrite(RuleMatch match) implements RequestRule {
  /** Checks the types. */
  public DropWrite {
    match = match.of(Kind.DROP_WRITE);
  }

  @Override
  public Kind kind() {
    return Kind.DROP_WRITE;
  }
}
