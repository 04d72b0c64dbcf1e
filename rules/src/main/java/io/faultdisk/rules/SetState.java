package io.faultdisk.rules;

/**
 * One {@code [set-state]} section: its event moves the engine from one state to another.
 *
 * <p>All rules of an event compare with the state before the event; of several that match, the
 * first defined wins.
 *
 * @param event triggers the rule
 * @param state the state it applies in; 0 is any
 * @param newState the state afterwards; 0 is a state too, in which only rules for any state apply
 * @param filter what else must hold; {@link RuleFilter#NONE} in all that QEMU can say
 * @param expectFired as in {@link RuleMatch}
 * @param source where the rule came from
 */
public record SetState(
    Event event, int state, int newState, RuleFilter filter, boolean expectFired, Source source)
    implements Rule {

  /** A rule as QEMU has them: without further conditions. */
  public SetState(Event event, int state, int newState, Source source) {
    this(event, state, newState, RuleFilter.NONE, false, source);
  }

  @Override
  public Kind kind() {
    return Kind.SET_STATE;
  }
}
