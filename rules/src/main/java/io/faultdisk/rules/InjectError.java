package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One {@code [inject-error]} section: from its event on, fails the requests it matches.
 *
 * <p>The event fails nothing by itself. It <em>arms</em> the rule, and the rule stays armed until
 * an event that arms others, or until it is consumed by {@code once}. Immutable; safe from any
 * thread.
 *
 * <p>Source: QEMU 7.2 {@code block/blkdebug.c}; documented in {@code docs/devel/blkdebug.rst}.
 *
 * @param event arms the rule
 * @param state the event arms the rule only in this state; 0 is any state
 * @param types the request types that match; not empty
 * @param errno what a matching request fails with. {@link Errno#SUCCESS} lets it pass, and so
 *     shields the rules behind this one. Never negative
 * @param sector a matching request contains the first byte of this 512-byte sector; empty is any
 *     request. As in QEMU the byte offset is {@code sector * 512} in 64 bits, so numbers that
 *     overflow wrap around and a negative offset never matches
 * @param once whether the first request it fails consumes the rule
 * @param immediately whether the error is returned at once rather than after another turn; both
 *     have the same result
 * @param filter what else must hold; {@link RuleFilter#NONE} in all that QEMU can say
 * @param source where the rule came from
 */
public record InjectError(
    Event event,
    int state,
    Set<RequestType> types,
    Errno errno,
    OptionalLong sector,
    boolean once,
    boolean immediately,
    RuleFilter filter,
    Source source)
    implements RequestRule {

  /** Bytes in a sector, whatever the disk. */
  public static final int SECTOR_BYTES = 512;

  /** Checks types and errno and copies the set. */
  public InjectError {
    if (types.isEmpty()) {
      throw new IllegalArgumentException("an inject-error rule without request types");
    }
    if (errno.number() < 0) {
      throw new IllegalArgumentException("errno " + errno.number() + " is negative");
    }
    types = Collections.unmodifiableSet(EnumSet.copyOf(types));
  }

  /** A rule as QEMU has them: without further conditions. */
  public InjectError(
      Event event,
      int state,
      Set<RequestType> types,
      Errno errno,
      OptionalLong sector,
      boolean once,
      boolean immediately,
      Source source) {
    this(event, state, types, errno, sector, once, immediately, RuleFilter.NONE, source);
  }

  /** A rule as an empty section would be: any state and request, EIO, again and again. */
  public static InjectError on(Event event) {
    return new InjectError(
        event,
        0,
        RequestType.defaultTypes(),
        Errno.EIO,
        OptionalLong.empty(),
        false,
        false,
        Source.program());
  }

  /** The same, failing with another error. */
  public InjectError withErrno(Errno newErrno) {
    return new InjectError(
        event, state, types, newErrno, sector, once, immediately, filter, source);
  }

  /** The same, armed in one state only; 0 is any. */
  public InjectError withState(int newState) {
    return new InjectError(
        event, newState, types, errno, sector, once, immediately, filter, source);
  }

  /** The same for one request type. */
  public InjectError withType(RequestType type) {
    return new InjectError(
        event, state, EnumSet.of(type), errno, sector, once, immediately, filter, source);
  }

  /** The same for requests that contain the first byte of a sector. */
  public InjectError withSector(long newSector) {
    return new InjectError(
        event, state, types, errno, OptionalLong.of(newSector), once, immediately, filter, source);
  }

  /** The same, consumed by the first request it fails. */
  public InjectError withOnce() {
    return new InjectError(event, state, types, errno, sector, true, immediately, filter, source);
  }

  /** The same under further conditions. */
  public InjectError withFilter(RuleFilter newFilter) {
    return new InjectError(
        event, state, types, errno, sector, once, immediately, newFilter, source);
  }

  @Override
  public Kind kind() {
    return Kind.INJECT_ERROR;
  }
}
