package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What is to become of a request. Release 17 has no pattern {@code switch}: switch on {@link
 * #kind()}.
 *
 * <p>Most decisions are prepared when the engine is built; a check that no rule decides allocates
 * nothing.
 */
public sealed interface Decision {

  /** One per implementation. */
  enum Kind {
    /** {@link Pass}. */
    PASS,
    /** {@link Fail}. */
    FAIL,
    /** {@link Delay}. */
    DELAY,
    /** {@link Corrupt}. */
    CORRUPT,
    /** {@link Tear}. */
    TEAR,
    /** {@link Drop}. */
    DROP,
    /** {@link Misdirect}; for disks only. */
    MISDIRECT,
    /** {@link Stale}; for disks only. */
    STALE,
    /** {@link FailFlush}. */
    FAIL_FLUSH,
    /** {@link CutPower}. */
    CUT_POWER,
    /** {@link Disconnect}; for connections only. */
    DISCONNECT,
    /** {@link Shorten}; for files only. */
    SHORTEN
  }

  /** Which of the implementations this is. */
  Kind kind();

  /** The request goes on. */
  static Pass pass() {
    return Pass.INSTANCE;
  }

  /**
   * What a write with this decision changes on the medium, at least while the power is on.
   *
   * @param offset the write's first byte
   * @param bytes its length
   * @return ascending, apart from each other; the same range for a write that passes, empty for one
   *     without effect
   */
  default List<RuleFilter.ByteRange> writes(long offset, long bytes) {
    return bytes == 0 ? List.of() : List.of(new RuleFilter.ByteRange(offset, bytes));
  }

  /** The request goes on to the device. There is one object, {@link Decision#pass()}. */
  final class Pass implements Decision {
    static final Pass INSTANCE = new Pass();

    private Pass() {}

    @Override
    public Kind kind() {
      return Kind.PASS;
    }

    @Override
    public String toString() {
      return "pass";
    }
  }

  /** All but {@link Pass}: something that a rule wants. */
  sealed interface ByRule extends Decision {
    /** Which rule says so. */
    RequestRule rule();
  }

  /**
   * The request fails; {@link #when} says with what effect.
   *
   * @param errno never {@link Errno#SUCCESS}
   * @param immediately whether to return the error without giving others a turn first
   * @param when whether the request is done before it fails
   * @param delayNanos how long it waits before anything else, in nanoseconds; 0 is not at all
   * @param rule which rule says so
   */
  record Fail(
      Errno errno, boolean immediately, InjectError.When when, long delayNanos, RequestRule rule)
      implements ByRule {
    /** As an inject-error rule says. */
    static Fail of(InjectError rule) {
      return new Fail(rule.errno(), rule.immediately(), rule.when(), rule.delayNanos(), rule);
    }

    /** At once, without effect. */
    static Fail of(Errno errno, RequestRule rule) {
      return new Fail(errno, false, InjectError.When.BEFORE, 0, rule);
    }

    @Override
    public Kind kind() {
      return Kind.FAIL;
    }

    @Override
    public List<RuleFilter.ByteRange> writes(long offset, long bytes) {
      return when == InjectError.When.AFTER ? ByRule.super.writes(offset, bytes) : List.of();
    }

    @Override
    public String toString() {
      return "fail with "
          + errno.name()
          + (when == InjectError.When.AFTER ? " afterwards" : "")
          + (delayNanos > 0 ? " after " + delayNanos + " ns" : "")
          + " by "
          + rule.source();
    }
  }

  /**
   * The request passes, but late.
   *
   * @param delayNanos how long it waits first, in nanoseconds; 0 if it only had to wait until
   *     somebody resumed it, and that is over
   * @param rule which rule says so
   */
  record Delay(long delayNanos, InjectError rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.DELAY;
    }

    @Override
    public String toString() {
      return "pass"
          + (delayNanos > 0 ? " after " + delayNanos + " ns" : " after being resumed")
          + " by "
          + rule.source();
    }
  }

  /**
   * A read or write is done with some bits flipped.
   *
   * @param seed which bits; another one for each request
   * @param rule which rule says so
   */
  record Corrupt(Seed seed, io.faultdisk.rules.Corrupt rule) implements ByRule {
    /**
     * Flips the bits in the request's data.
     *
     * @param offset the request's first byte
     * @param data its data, from position to limit; both stay
     */
    public void flip(long offset, ByteBuffer data) {
      rule.flip(offset, data, seed);
    }

    @Override
    public Kind kind() {
      return Kind.CORRUPT;
    }

    @Override
    public String toString() {
      return "flip " + rule.bits() + (rule.bits() == 1 ? " bit" : " bits") + " by " + rule.source();
    }
  }

  /**
   * Only some sectors of a write reach the medium.
   *
   * @param seed which, if it is a matter of chance; another one for each request
   * @param rule which rule says so, how many, and what then
   */
  record Tear(Seed seed, TearWrite rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.TEAR;
    }

    /** The parts of the write that reach the medium. */
    @Override
    public List<RuleFilter.ByteRange> writes(long offset, long bytes) {
      return rule.reaching(offset, bytes, seed);
    }

    @Override
    public String toString() {
      return "tear, then " + rule.then() + ", by " + rule.source();
    }
  }

  /**
   * A write is acknowledged and not done.
   *
   * @param rule which rule says so
   */
  record Drop(DropWrite rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.DROP;
    }

    @Override
    public List<RuleFilter.ByteRange> writes(long offset, long bytes) {
      return List.of();
    }

    @Override
    public String toString() {
      return "drop by " + rule.source();
    }
  }

  /**
   * A write is done at another place.
   *
   * @param rule which rule says so, and where
   */
  record Misdirect(MisdirectWrite rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.MISDIRECT;
    }

    /** Where the write lands; empty if that is before the beginning or beyond 63 bits. */
    @Override
    public List<RuleFilter.ByteRange> writes(long offset, long bytes) {
      long at = rule.landsAt(offset);
      return at < 0 || at > Long.MAX_VALUE - bytes ? List.of() : ByRule.super.writes(at, bytes);
    }

    @Override
    public String toString() {
      return "misdirect by " + rule.source();
    }
  }

  /**
   * A read returns what was there before the last write.
   *
   * @param rule which rule says so
   */
  record Stale(StaleRead rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.STALE;
    }

    @Override
    public String toString() {
      return "read what was there before by " + rule.source();
    }
  }

  /**
   * A flush goes wrong as those of real disks and kernels do; see {@link
   * io.faultdisk.rules.FailFlush.Mode}. Anything else passes.
   *
   * @param rule which rule says so
   */
  record FailFlush(io.faultdisk.rules.FailFlush rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.FAIL_FLUSH;
    }

    @Override
    public String toString() {
      return "flush " + rule.mode() + " by " + rule.source();
    }
  }

  /**
   * The power goes: neither this operation nor any after it has an effect.
   *
   * @param seed what survives, if it is a matter of chance
   * @param rule which rule says so
   */
  record CutPower(Seed seed, io.faultdisk.rules.CutPower rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.CUT_POWER;
    }

    @Override
    public List<RuleFilter.ByteRange> writes(long offset, long bytes) {
      return List.of();
    }

    @Override
    public String toString() {
      return "power cut by " + rule.source();
    }
  }

  /**
   * A connection goes wrong; see {@link ConnectionFault.Mode}.
   *
   * @param rule which rule says so
   */
  record Disconnect(ConnectionFault rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.DISCONNECT;
    }

    @Override
    public String toString() {
      return rule.mode() + " by " + rule.source();
    }
  }

  /**
   * A read or write moves fewer bytes than asked for, and says so. Anything else passes.
   *
   * @param bytes how many at most, at least 1 (a read of none would be an end of file)
   * @param rule which rule says so
   */
  record Shorten(long bytes, ShortTransfer rule) implements ByRule {
    @Override
    public Kind kind() {
      return Kind.SHORTEN;
    }

    @Override
    public String toString() {
      return "shorten to " + bytes + " bytes by " + rule.source();
    }
  }
}
