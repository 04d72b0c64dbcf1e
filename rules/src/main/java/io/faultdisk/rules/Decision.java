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
    FAIL
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
}
