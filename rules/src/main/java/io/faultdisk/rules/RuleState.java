package io.faultdisk.rules;

import io.faultdisk.base.Seed;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One rule about requests inside an engine: the rule with everything prepared, and what became of
 * it.
 *
 * <p>Thread rule: the final fields are free for all, {@link #countRequest} counts atomically, the
 * rest is guarded by the engine's lock.
 */
final class RuleState {
  private static final AtomicLongFieldUpdater<RuleState> REQUESTS_MATCHED =
      AtomicLongFieldUpdater.newUpdater(RuleState.class, "requestsMatched");

  /** Tells it from all other rules of the engine. */
  final int id;

  final RequestRule rule;

  /**
   * Place among the engine's rules about requests, from 0; the lower goes first. Changes when one
   * before it is taken out. Guarded by the engine's lock.
   */
  int order;

  /**
   * What a request that this rule decides is told; errno 0 says pass. Null if it depends on the
   * request.
   */
  private final @Nullable Decision decision;

  /**
   * Counts matches for a rule that asks for more than QEMU's can; null for others, which are found
   * by an index and without the lock.
   */
  final @Nullable MatchCounter counter;

  /**
   * Whether the first request consumes the rule. Errno 0 lets requests pass, so it is never
   * consumed.
   */
  final boolean consumable;

  /**
   * How many requests it decided. In this object rather than in an AtomicLong: one cache line less.
   */
  private volatile long requestsMatched;

  /** Set once, while the engine is built. */
  private RuleGroup group = RuleGroup.EMPTY;

  /** Guarded by the engine's lock. */
  private boolean consumed;

  /** How often it had been armed when it was consumed. Guarded by the engine's lock. */
  private long eventsMatchedAtEnd;

  /** How often its earlier groups had been armed while it was in them. */
  private long armedBefore;

  /**
   * What was written since bad blocks became bad. Null for others. Guarded by the engine's lock.
   */
  private final @Nullable SectorSet healed;

  RuleState(int id, RequestRule rule) {
    this.id = id;
    this.rule = rule;
    this.decision = prepare(rule);
    this.consumable = decision != Decision.pass() && rule.once();
    boolean indexed = rule.kind() == Rule.Kind.INJECT_ERROR && rule.filter().isNone();
    this.counter = indexed ? null : new MatchCounter(rule.filter());
    this.healed = rule.kind() == Rule.Kind.BAD_BLOCKS ? new SectorSet() : null;
  }

  private static @Nullable Decision prepare(RequestRule rule) {
    return switch (rule.kind()) {
      case INJECT_ERROR -> {
        InjectError error = (InjectError) rule;
        if (error.fails()) {
          yield Decision.Fail.of(error);
        }
        yield error.delayNanos() > 0 || error.suspend().isPresent()
            ? new Decision.Delay(error.delayNanos(), error)
            : Decision.pass();
      }
      case SHORT_TRANSFER -> {
        ShortTransfer transfer = (ShortTransfer) rule;
        yield transfer.bytes().isPresent()
            ? new Decision.Shorten(transfer.bytes().getAsLong(), transfer)
            : null;
      }
      case DROP_WRITE -> new Decision.Drop((DropWrite) rule);
      case MISDIRECT_WRITE -> new Decision.Misdirect((MisdirectWrite) rule);
      case STALE_READ -> new Decision.Stale((StaleRead) rule);
      case FAIL_FLUSH -> new Decision.FailFlush((FailFlush) rule);
      case BAD_BLOCKS -> Decision.Fail.of(((BadBlocks) rule).errno(), rule);
      case CONNECTION_FAULT -> new Decision.Disconnect((ConnectionFault) rule);
      case CORRUPT, TEAR_WRITE, CUT_POWER -> null;
      case SET_STATE, BREAKPOINT -> throw new IllegalStateException("not about requests");
    };
  }

  /** What a request of so many bytes that this rule decides is told. */
  Decision decision(long bytes) {
    if (decision != null) {
      return decision;
    }
    return switch (rule.kind()) {
      case SHORT_TRANSFER -> new Decision.Shorten(Math.max(1, bytes / 2), (ShortTransfer) rule);
      case CORRUPT -> new Decision.Corrupt(seedOfMatch(), (Corrupt) rule);
      case TEAR_WRITE -> new Decision.Tear(seedOfMatch(), (TearWrite) rule);
      case CUT_POWER -> new Decision.CutPower(seedOfMatch(), (CutPower) rule);
      default -> throw new IllegalStateException("prepared: " + rule.kind());
    };
  }

  /** For rules that leave something to chance: a seed for each request that they decide. */
  private Seed seedOfMatch() {
    return rule.filter().seed().fork("match " + requestsMatched);
  }

  /** For rules with a counter: whether type, sector, path and range fit. */
  boolean fits(@Nullable RequestType type, @Nullable Target target, long offset, long bytes) {
    if (type != null && !rule.types().contains(type)) {
      return false;
    }
    if (hasSector()) {
      long at = sectorOffset();
      if (at < offset || at - offset >= bytes) {
        return false;
      }
    }
    return counter != null
        && counter.matches(target, offset, bytes)
        && (healed == null || hasBadBlock(healed, offset, bytes));
  }

  /** For bad blocks: whether one of those that a request touches was not written yet. */
  private boolean hasBadBlock(SectorSet written, long offset, long bytes) {
    RuleFilter.ByteRange bad = rule.filter().range().orElseThrow();
    RuleFilter.ByteRange touched = bad.common(offset, bytes);
    return !written.contains(touched.offset(), touched.bytes());
  }

  /** For bad blocks: these bytes were written. */
  void heal(long offset, long bytes) {
    if (healed != null && !consumed && armedBefore + group.timesArmed() > 0) {
      RuleFilter.ByteRange bad = rule.filter().range().orElseThrow().inSectors();
      if (bad.touches(offset, bytes)) {
        // Sectors that are not bad need not be remembered.
        RuleFilter.ByteRange touched = bad.common(offset, bytes);
        healed.add(touched.offset(), touched.bytes());
      }
    }
  }

  /** Whether the rule looks at where a request is. */
  boolean hasSector() {
    return rule.sector().isPresent();
  }

  /** The byte that a request must contain; negative is never. Wraps around as in QEMU. */
  long sectorOffset() {
    return rule.sector().getAsLong() * InjectError.SECTOR_BYTES;
  }

  /** One more request that it decided. */
  void countRequest() {
    REQUESTS_MATCHED.getAndIncrement(this);
  }

  /** It is in this group from now on: at first, and again when rules come or go. */
  void joined(RuleGroup itsGroup) {
    armedBefore += group.timesArmed();
    group = itsGroup;
  }

  /** The rules with which it is armed. */
  RuleGroup group() {
    return group;
  }

  boolean consumed() {
    return consumed;
  }

  void consume() {
    consumed = true;
    eventsMatchedAtEnd = armedBefore + group.timesArmed();
    // It joins no other any more, and would keep rules alive that are in this one and taken out.
    group = RuleGroup.EMPTY;
  }

  Snapshot.RuleStatus status(ActiveList active) {
    long matched = requestsMatched;
    return new Snapshot.RuleStatus(
        id,
        rule,
        active.contains(group) && !consumed,
        consumed,
        counter != null
            ? counter.matches()
            : consumed ? eventsMatchedAtEnd : armedBefore + group.timesArmed(),
        matched,
        decision != Decision.pass() ? matched : 0);
  }
}
