package io.faultdisk.rules;

import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * When a rule about requests applies: what all kinds of {@link RequestRule} have in common.
 *
 * <p>The event does nothing to requests by itself. It <em>arms</em> the rule, and the rule stays
 * armed until an event that arms others, or until it is consumed by {@code once}. Immutable; safe
 * from any thread.
 *
 * <p>Source: QEMU 7.2 {@code block/blkdebug.c}; documented in {@code docs/devel/blkdebug.rst}.
 *
 * @param event arms the rule
 * @param state the event arms the rule only in this state; 0 is any state
 * @param types the request types that match; not empty. The default types stand for those of them
 *     that the kind of rule can do something to, see {@link Rule.Kind#types}
 * @param sector a matching request contains the first byte of this 512-byte sector; empty is any
 *     request. As in QEMU the byte offset is {@code sector * 512} in 64 bits, so numbers that
 *     overflow wrap around and a negative offset never matches
 * @param once whether the first request it does something to consumes the rule
 * @param filter what else must hold; {@link RuleFilter#NONE} in all that QEMU can say
 * @param expectFired whether a run in which the rule never did anything has failed
 * @param source where the rule came from
 */
public record RuleMatch(
    Event event,
    int state,
    Set<RequestType> types,
    OptionalLong sector,
    boolean once,
    RuleFilter filter,
    boolean expectFired,
    Source source) {

  /** Checks and copies the set. */
  public RuleMatch {
    if (types.isEmpty()) {
      throw new IllegalArgumentException("a rule without request types");
    }
    types = Collections.unmodifiableSet(EnumSet.copyOf(types));
  }

  /** In any state, any request of the default types, again and again. */
  public static RuleMatch on(Event event) {
    return new RuleMatch(
        event,
        0,
        RequestType.defaultTypes(),
        OptionalLong.empty(),
        false,
        RuleFilter.NONE,
        false,
        Source.program());
  }

  /** The same, armed in one state only; 0 is any. */
  public RuleMatch withState(int newState) {
    return new RuleMatch(event, newState, types, sector, once, filter, expectFired, source);
  }

  /** The same for one request type. */
  public RuleMatch withType(RequestType type) {
    return withTypes(EnumSet.of(type));
  }

  /** The same for some request types. */
  public RuleMatch withTypes(Set<RequestType> newTypes) {
    return new RuleMatch(event, state, newTypes, sector, once, filter, expectFired, source);
  }

  /** The same for requests that contain the first byte of a sector; -1 is any, as in QEMU. */
  public RuleMatch withSector(long newSector) {
    OptionalLong only = newSector == -1 ? OptionalLong.empty() : OptionalLong.of(newSector);
    return new RuleMatch(event, state, types, only, once, filter, expectFired, source);
  }

  /** The same, consumed by the first request it does something to, or not. */
  public RuleMatch withOnce(boolean newOnce) {
    return new RuleMatch(event, state, types, sector, newOnce, filter, expectFired, source);
  }

  /** The same under further conditions. */
  public RuleMatch withFilter(RuleFilter newFilter) {
    return new RuleMatch(event, state, types, sector, once, newFilter, expectFired, source);
  }

  /** The same, expected to do something or not. */
  public RuleMatch withExpectFired(boolean expected) {
    return new RuleMatch(event, state, types, sector, once, filter, expected, source);
  }

  /** The same from somewhere else. */
  public RuleMatch withSource(Source newSource) {
    return new RuleMatch(event, state, types, sector, once, filter, expectFired, newSource);
  }

  /**
   * The same for a kind of rule: the default types become the kind's.
   *
   * @throws IllegalArgumentException if it asks for others
   */
  RuleMatch of(Rule.Kind kind) {
    if (kind.types().containsAll(types)) {
      return this;
    }
    if (types.equals(RequestType.defaultTypes())) {
      return withTypes(kind.defaultTypes());
    }
    throw new IllegalArgumentException("a " + kind.wireName() + " rule cannot be about " + types);
  }
}
