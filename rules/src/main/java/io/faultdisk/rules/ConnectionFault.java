package io.faultdisk.rules;

import java.util.Locale;

/**
 * One {@code [inject-connection-fault]} section: a connection to the server that exports the disk
 * goes wrong. Its event is that of a {@link ConnectionPoint}, and decides what happens there at
 * once, as that of an {@link Operation} does; nothing else arms it.
 *
 * @param match when it applies; types and range are those of the request that is replied to
 * @param mode how
 * @param delayNanos how late the reply is with {@link Mode#LATE_REPLY}, in nanoseconds; without
 *     meaning in the others
 */
public record ConnectionFault(RuleMatch match, Mode mode, long delayNanos) implements RequestRule {
  /** How late a reply is if nobody says. */
  public static final long DELAY_NANOS_DEFAULT = 1_000_000_000;

  /** How a connection goes wrong. */
  public enum Mode {
    /** It is closed after the header of the reply. */
    DROP_AFTER_HEADER(ConnectionPoint.REPLY),
    /** It is closed after half of the reply's payload, or after the header if there is none. */
    HALF_PAYLOAD(ConnectionPoint.REPLY),
    /** The reply has the cookie of no request. */
    WRONG_COOKIE(ConnectionPoint.REPLY),
    /** The reply comes late; those to other requests go before it. */
    LATE_REPLY(ConnectionPoint.REPLY),
    /** A client that connects is sent away. */
    REFUSE(ConnectionPoint.CONNECT);

    private final ConnectionPoint point;

    Mode(ConnectionPoint point) {
      this.point = point;
    }

    /** Where it can happen. */
    public ConnectionPoint point() {
      return point;
    }

    /** The value in a rule file. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
      return wireName();
    }
  }

  /** Checks that event and mode fit. */
  public ConnectionFault {
    match = match.of(Kind.CONNECTION_FAULT);
    if (!mode.point().event().equals(match.event())) {
      throw new IllegalArgumentException(mode + " cannot happen at " + match.event());
    }
    if (delayNanos < 0) {
      throw new IllegalArgumentException("a delay of " + delayNanos + " ns");
    }
  }

  /** A fault with the usual delay. */
  public ConnectionFault(RuleMatch match, Mode mode) {
    this(match, mode, DELAY_NANOS_DEFAULT);
  }

  @Override
  public Kind kind() {
    return Kind.CONNECTION_FAULT;
  }
}
