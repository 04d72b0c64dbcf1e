package io.faultdisk.faults;

import io.faultdisk.rules.RuleBuilder;

/**
 * A place of a run where something can go wrong: the n-th operation of a kind. A rule with the same
 * event and occurrence hits it again, if the program does the same again.
 *
 * @param event the operation's event, {@code fsync}; of {@code fdatasync} too, as in rules
 * @param occurrence which of the run's, from 1
 * @param target what it was done to; for people
 * @param epoch how many flushes had been let through before it
 */
public record FaultPoint(String event, long occurrence, String target, long epoch) {
  /** A rule about this point: say what it does. */
  public RuleBuilder rule() {
    return RuleBuilder.on(event).occurrence(occurrence);
  }

  /** {@code fsync#3 /data/a.wal}. */
  @Override
  public String toString() {
    String name = event + "#" + occurrence;
    return target.equals(event) ? name : name + " " + target;
  }
}
