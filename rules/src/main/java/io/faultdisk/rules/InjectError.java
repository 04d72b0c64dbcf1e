package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.Locale;
import java.util.Optional;

/**
 * One {@code [inject-error]} section: from its event on, fails the requests it matches, or lets
 * them pass late.
 *
 * <p>What happens to a matching request, in this order: it waits until somebody resumes {@code
 * suspend}; it waits for {@code delayNanos}; it is done, if {@code when} is {@link When#AFTER}; it
 * fails with {@code errno}, unless that is {@link Errno#SUCCESS}.
 *
 * <p>Immutable; safe from any thread.
 *
 * @param match when it applies
 * @param errno what a matching request fails with. {@link Errno#SUCCESS} lets it pass, and so
 *     shields the rules behind this one. Never negative
 * @param immediately whether the error is returned at once rather than after another turn; both
 *     have the same result
 * @param when whether a request that fails is done all the same
 * @param delayNanos how long it waits first, in nanoseconds; 0 is not at all. Never negative
 * @param suspend the tag under which it waits as at a breakpoint; empty is not at all
 */
public record InjectError(
    RuleMatch match,
    Errno errno,
    boolean immediately,
    When when,
    long delayNanos,
    Optional<String> suspend)
    implements RequestRule {

  /** Bytes in a sector, whatever the disk. */
  public static final int SECTOR_BYTES = 512;

  /** What a failed request has done. */
  public enum When {
    /** Nothing: it failed before it had any effect. */
    BEFORE,
    /** All that was asked for, but the caller sees the error. A read's data are not seen. */
    AFTER;

    /** The value in a rule file. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
      return wireName();
    }
  }

  /** Checks the numbers. */
  public InjectError {
    match = match.of(Kind.INJECT_ERROR);
    if (errno.number() < 0) {
      throw new IllegalArgumentException("errno " + errno.number() + " is negative");
    }
    if (delayNanos < 0) {
      throw new IllegalArgumentException("a delay of " + delayNanos + " ns");
    }
  }

  /** A rule as QEMU has them. */
  public InjectError(RuleMatch match, Errno errno, boolean immediately) {
    this(match, errno, immediately, When.BEFORE, 0, Optional.empty());
  }

  /** A rule as an empty section would be: any state and request, EIO, again and again. */
  public static InjectError on(Event event) {
    return new InjectError(RuleMatch.on(event), Errno.EIO, false);
  }

  /** The same, applying at other times. */
  public InjectError withMatch(RuleMatch newMatch) {
    return new InjectError(newMatch, errno, immediately, when, delayNanos, suspend);
  }

  /** The same, failing with another error. */
  public InjectError withErrno(Errno newErrno) {
    return new InjectError(match, newErrno, immediately, when, delayNanos, suspend);
  }

  /** The same with or without an effect. */
  public InjectError withWhen(When newWhen) {
    return new InjectError(match, errno, immediately, newWhen, delayNanos, suspend);
  }

  /** The same after so many nanoseconds. */
  public InjectError withDelayNanos(long newDelayNanos) {
    return new InjectError(match, errno, immediately, when, newDelayNanos, suspend);
  }

  /** The same after somebody has resumed the tag. */
  public InjectError withSuspend(String tag) {
    return new InjectError(match, errno, immediately, when, delayNanos, Optional.of(tag));
  }

  /** The same, armed in one state only; 0 is any. */
  public InjectError withState(int newState) {
    return withMatch(match.withState(newState));
  }

  /** The same for one request type. */
  public InjectError withType(RequestType type) {
    return withMatch(match.withType(type));
  }

  /** The same for requests that contain the first byte of a sector. */
  public InjectError withSector(long newSector) {
    return withMatch(match.withSector(newSector));
  }

  /** The same, consumed by the first request it fails. */
  public InjectError withOnce() {
    return withMatch(match.withOnce(true));
  }

  /** The same under further conditions. */
  public InjectError withFilter(RuleFilter newFilter) {
    return withMatch(match.withFilter(newFilter));
  }

  /** Whether it fails requests, rather than letting them pass late. */
  public boolean fails() {
    return !errno.equals(Errno.SUCCESS);
  }

  @Override
  public Kind kind() {
    return Kind.INJECT_ERROR;
  }
}
