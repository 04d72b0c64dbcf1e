package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Rules in Java: says when, and ends with what.
 *
 * <pre>{@code
 * RuleBuilder.on("fsync").path("*.wal").occurrence(3).fail(Errno.EIO)
 * RuleBuilder.on("write").range(4096, 512).once().shortTransfer(100)
 * RuleBuilder.on("wal_append").state(1).setState(2)
 * }</pre>
 *
 * <p>Immutable; safe from any thread.
 */
public final class RuleBuilder {
  private final Event event;
  private final int state;
  private final Set<RequestType> types;
  private final OptionalLong sector;
  private final boolean once;
  private final RuleFilter filter;

  private RuleBuilder(
      Event event,
      int state,
      Set<RequestType> types,
      OptionalLong sector,
      boolean once,
      RuleFilter filter) {
    this.event = event;
    this.state = state;
    this.types = types;
    this.sector = sector;
    this.once = once;
    this.filter = filter;
  }

  /** A rule on an event: an operation's name, {@code fsync}, or a name of your own. */
  public static RuleBuilder on(String event) {
    return on(new Event(event));
  }

  /** A rule on an event. */
  public static RuleBuilder on(Event event) {
    return new RuleBuilder(
        event, 0, RequestType.defaultTypes(), OptionalLong.empty(), false, RuleFilter.NONE);
  }

  /** A rule on an operation. */
  public static RuleBuilder on(Operation operation) {
    return on(operation.event());
  }

  /** Only in this state; 0 is any. */
  public RuleBuilder state(int onlyState) {
    return new RuleBuilder(event, onlyState, types, sector, once, filter);
  }

  /** Only requests of this type, for a rule that its event arms. */
  public RuleBuilder type(RequestType type) {
    return new RuleBuilder(event, state, Set.of(type), sector, once, filter);
  }

  /** Only requests that contain the first byte of this 512-byte sector. */
  public RuleBuilder sector(long number) {
    return new RuleBuilder(event, state, types, OptionalLong.of(number), once, filter);
  }

  /** Only the first time. */
  public RuleBuilder once() {
    return new RuleBuilder(event, state, types, sector, true, filter);
  }

  /**
   * Only files whose path the glob matches, see {@link PathGlob}: {@code *.wal}, {@code
   * /data/**}{@code /log}.
   */
  public RuleBuilder path(String glob) {
    return filter(filter.withPath(PathGlob.of(glob)));
  }

  /** Only operations that touch some of these bytes. */
  public RuleBuilder range(long offset, long bytes) {
    return filter(filter.withRange(offset, bytes));
  }

  /** Only the n-th match, from 1; with {@link #times} the n-th and those after it. */
  public RuleBuilder occurrence(long number) {
    RuleFilter from = filter.withOccurrence(number);
    return filter(filter.times() == Long.MAX_VALUE ? from.withTimes(1) : from);
  }

  /** So often at most; {@link Long#MAX_VALUE} is without limit. */
  public RuleBuilder times(long number) {
    return filter(filter.withTimes(number));
  }

  /** Each match with a chance, in percent. The same seed gives the same choices. */
  public RuleBuilder chance(double percent, Seed seed) {
    return filter(filter.withChance(percent, seed));
  }

  private RuleBuilder filter(RuleFilter newFilter) {
    return new RuleBuilder(event, state, types, sector, once, newFilter);
  }

  /** The operation fails with this error. */
  public InjectError fail(Errno errno) {
    return new InjectError(
        event, state, types, errno, sector, once, false, filter, Source.program());
  }

  /** A read or write moves so many bytes at most. */
  public ShortTransfer shortTransfer(long limit) {
    return shortTransfer(OptionalLong.of(limit));
  }

  /** A read or write moves half of its bytes. */
  public ShortTransfer shortTransfer() {
    return shortTransfer(OptionalLong.empty());
  }

  private ShortTransfer shortTransfer(OptionalLong limit) {
    return new ShortTransfer(event, state, types, limit, sector, once, filter, Source.program());
  }

  /** A flush goes wrong in this way, with EIO unless it lies. */
  public FailFlush failFlush(FailFlush.Mode mode) {
    return new FailFlush(event, state, mode, Errno.EIO, once, filter, Source.program());
  }

  /** The power goes. */
  public CutPower cutPower() {
    return new CutPower(event, state, types, filter, Source.program());
  }

  /** The engine goes to another state. */
  public SetState setState(int newState) {
    return new SetState(
        event, state, newState, once ? filter.withTimes(1) : filter, Source.program());
  }
}
