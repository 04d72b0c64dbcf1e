package io.faultdisk.rules;

import io.faultdisk.base.Errno;

/**
 * What is to become of a request. Release 17 has no pattern {@code switch}: switch on {@link
 * #kind()}.
 *
 * <p>Decisions are prepared when the engine is built; a check allocates nothing.
 */
public sealed interface Decision {

  /** One per implementation. */
  enum Kind {
    /** {@link Pass}. */
    PASS,
    /** {@link Fail}. */
    FAIL,
    /** {@link Shorten}; for files only. */
    SHORTEN,
    /** {@link FailFlush}; for files only. */
    FAIL_FLUSH,
    /** {@link CutPower}; for files only. */
    CUT_POWER
  }

  /** Which of the implementations this is. */
  Kind kind();

  /** The request goes on. */
  static Pass pass() {
    return Pass.INSTANCE;
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

  /**
   * The request fails and does not reach the device.
   *
   * @param errno never {@link Errno#SUCCESS}
   * @param immediately whether to return the error without giving others a turn first
   * @param rule which rule says so
   */
  record Fail(Errno errno, boolean immediately, InjectError rule) implements Decision {
    @Override
    public Kind kind() {
      return Kind.FAIL;
    }

    @Override
    public String toString() {
      return "fail with " + errno.name() + " by " + rule.source();
    }
  }

  /**
   * A read or write moves fewer bytes than asked for, and says so. Anything else passes.
   *
   * @param bytes how many at most, at least 1 (a read of none would be an end of file)
   * @param rule which rule says so
   */
  record Shorten(long bytes, ShortTransfer rule) implements Decision {
    @Override
    public Kind kind() {
      return Kind.SHORTEN;
    }

    @Override
    public String toString() {
      return "shorten to " + bytes + " bytes by " + rule.source();
    }
  }

  /**
   * A flush goes wrong as those of real disks and kernels do; see {@link
   * io.faultdisk.rules.FailFlush.Mode}. Anything else passes.
   *
   * @param rule which rule says so
   */
  record FailFlush(io.faultdisk.rules.FailFlush rule) implements Decision {
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
   * @param rule which rule says so
   */
  record CutPower(io.faultdisk.rules.CutPower rule) implements Decision {
    @Override
    public Kind kind() {
      return Kind.CUT_POWER;
    }

    @Override
    public String toString() {
      return "power cut by " + rule.source();
    }
  }
}
