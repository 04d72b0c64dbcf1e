package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.OptionalLong;

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
  private final RuleMatch match;

  private RuleBuilder(RuleMatch match) {
    this.match = match;
  }

  /** A rule on an event: an operation's name, {@code fsync}, or a name of your own. */
  public static RuleBuilder on(String event) {
    return on(new Event(event));
  }

  /** A rule on an event. */
  public static RuleBuilder on(Event event) {
    return new RuleBuilder(RuleMatch.on(event));
  }

  /** A rule on an operation. */
  public static RuleBuilder on(Operation operation) {
    return on(operation.event());
  }

  /** Only in this state; 0 is any. */
  public RuleBuilder state(int onlyState) {
    return new RuleBuilder(match.withState(onlyState));
  }

  /** Only requests of this type, for a rule that its event arms. */
  public RuleBuilder type(RequestType type) {
    return new RuleBuilder(match.withType(type));
  }

  /** Only requests that contain the first byte of this 512-byte sector. */
  public RuleBuilder sector(long number) {
    return new RuleBuilder(match.withSector(number));
  }

  /** Only the first time. */
  public RuleBuilder once() {
    return new RuleBuilder(match.withOnce(true));
  }

  /** A run in which the rule never does anything has failed. */
  public RuleBuilder expectFired() {
    return new RuleBuilder(match.withExpectFired(true));
  }

  /**
   * Only files whose path the glob matches, see {@link PathGlob}: {@code *.wal}, {@code
   * /data/**}{@code /log}.
   */
  public RuleBuilder path(String glob) {
    return filter(match.filter().withPath(PathGlob.of(glob)));
  }

  /** Only operations that touch some of these bytes. */
  public RuleBuilder range(long offset, long bytes) {
    return filter(match.filter().withRange(offset, bytes));
  }

  /** Only the n-th match, from 1; with {@link #times} the n-th and those after it. */
  public RuleBuilder occurrence(long number) {
    RuleFilter from = match.filter().withOccurrence(number);
    return filter(from.times() == Long.MAX_VALUE ? from.withTimes(1) : from);
  }

  /** So often at most; {@link Long#MAX_VALUE} is without limit. */
  public RuleBuilder times(long number) {
    return filter(match.filter().withTimes(number));
  }

  /** Each match with a chance, in percent. The same seed gives the same choices. */
  public RuleBuilder chance(double percent, Seed seed) {
    return filter(match.filter().withChance(percent, seed));
  }

  /** Whatever the rule leaves to chance hangs on this seed. */
  public RuleBuilder seed(Seed seed) {
    return filter(match.filter().withChance(match.filter().chance(), seed));
  }

  private RuleBuilder filter(RuleFilter newFilter) {
    return new RuleBuilder(match.withFilter(newFilter));
  }

  /** The operation fails with this error. */
  public InjectError fail(Errno errno) {
    return new InjectError(match, errno, false);
  }

  /** A request is done, and the caller sees this error. */
  public InjectError failAfter(Errno errno) {
    return fail(errno).withWhen(InjectError.When.AFTER);
  }

  /** A request waits for so many nanoseconds and then passes. */
  public InjectError delayNanos(long nanos) {
    return fail(Errno.SUCCESS).withDelayNanos(nanos);
  }

  /** A request waits as at a breakpoint with this tag and then passes. */
  public InjectError suspend(String tag) {
    return fail(Errno.SUCCESS).withSuspend(tag);
  }

  /** So many bits of a read or write are flipped. */
  public Corrupt corrupt(int bits) {
    return new Corrupt(match, bits);
  }

  /** So many sectors of a write, at its beginning, reach the medium. */
  public TearWrite tearWrite(long sectors, TearWrite.Then then) {
    return tearWrite(OptionalLong.of(sectors), TearWrite.Part.FIRST, then);
  }

  /**
   * Some sectors of a write reach the medium.
   *
   * @param sectors how many; empty is half of them
   */
  public TearWrite tearWrite(OptionalLong sectors, TearWrite.Part part, TearWrite.Then then) {
    return new TearWrite(match, sectors, part, then, Errno.EIO);
  }

  /** A write is acknowledged and never stored. */
  public DropWrite dropWrite() {
    return new DropWrite(match);
  }

  /** A write lands at this sector. */
  public MisdirectWrite misdirectTo(long sector) {
    return new MisdirectWrite(match, OptionalLong.of(sector), OptionalLong.empty());
  }

  /** A write lands so many sectors further on, or before if negative. */
  public MisdirectWrite misdirectBy(long sectors) {
    return new MisdirectWrite(match, OptionalLong.empty(), OptionalLong.of(sectors));
  }

  /** A read returns what was there before the last write. */
  public StaleRead staleRead() {
    return new StaleRead(match);
  }

  /** A flush goes wrong in this way, with EIO unless it lies. */
  public FailFlush failFlush(FailFlush.Mode mode) {
    return new FailFlush(match, mode, Errno.EIO);
  }

  /** The power goes, and nothing is left that was not flushed. */
  public CutPower cutPower() {
    return new CutPower(match);
  }

  /** The power goes. */
  public CutPower cutPower(Survivors survivors) {
    return new CutPower(match, survivors);
  }

  /** Reads that touch the range fail with EIO until it was written again. */
  public BadBlocks badBlocks() {
    return new BadBlocks(match, Errno.EIO);
  }

  /** A connection goes wrong; the event is one of {@link ConnectionPoint}. */
  public ConnectionFault connectionFault(ConnectionFault.Mode mode) {
    return new ConnectionFault(match, mode);
  }

  /** A read or write moves so many bytes at most. */
  public ShortTransfer shortTransfer(long limit) {
    return new ShortTransfer(match, OptionalLong.of(limit));
  }

  /** A read or write moves half of its bytes. */
  public ShortTransfer shortTransfer() {
    return new ShortTransfer(match, OptionalLong.empty());
  }

  /** The engine goes to another state. */
  public SetState setState(int newState) {
    RuleFilter filter = match.filter();
    return new SetState(
        match.event(),
        match.state(),
        newState,
        match.once() ? filter.withTimes(1) : filter,
        match.expectFired(),
        match.source());
  }
}
