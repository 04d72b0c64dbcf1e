package io.faultdisk.rules;

import java.util.OptionalLong;
import java.util.Set;

/**
 * One {@code [cut-power]} section: at a matching operation the power goes. For files only, so far.
 *
 * @param event as in {@link InjectError}
 * @param state as in {@link InjectError}
 * @param types as in {@link InjectError}
 * @param filter what else must hold
 * @param source where the rule came from
 */
public record CutPower(
    Event event, int state, Set<RequestType> types, RuleFilter filter, Source source)
    implements RequestRule {

  /** Copies the set. */
  public CutPower {
    if (types.isEmpty()) {
      throw new IllegalArgumentException("a cut-power rule without request types");
    }
    types = Set.copyOf(types);
  }

  @Override
  public OptionalLong sector() {
    return OptionalLong.empty();
  }

  @Override
  public boolean once() {
    return true;
  }

  @Override
  public Kind kind() {
    return Kind.CUT_POWER;
  }
}
