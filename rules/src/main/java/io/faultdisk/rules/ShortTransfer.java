package io.faultdisk.rules;

import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One {@code [short-transfer]} section: a matching read or write moves some of its bytes and says
 * how many, as POSIX allows at any time and hardly any test ever sees. For files only.
 *
 * @param event as in {@link InjectError}
 * @param state as in {@link InjectError}
 * @param types as in {@link InjectError}
 * @param bytes how many bytes are moved at most; empty is half of what was asked for, at least 1
 * @param sector as in {@link InjectError}
 * @param once as in {@link InjectError}
 * @param filter what else must hold
 * @param source where the rule came from
 */
public record ShortTransfer(
    Event event,
    int state,
    Set<RequestType> types,
    OptionalLong bytes,
    OptionalLong sector,
    boolean once,
    RuleFilter filter,
    Source source)
    implements RequestRule {

  /** Checks the number and copies the set. */
  public ShortTransfer {
    if (types.isEmpty()) {
      throw new IllegalArgumentException("a short-transfer rule without request types");
    }
    if (bytes.isPresent() && bytes.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "bytes " + bytes.getAsLong() + " is not positive: a read of none is an end of file");
    }
    types = Collections.unmodifiableSet(EnumSet.copyOf(types));
  }

  @Override
  public Kind kind() {
    return Kind.SHORT_TRANSFER;
  }
}
