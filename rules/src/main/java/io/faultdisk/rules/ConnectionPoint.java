package io.faultdisk.rules;

import java.util.Optional;

/** Where a server asks {@link FaultEngine#checkConnection} about a connection. */
@SuppressWarnings("ImmutableEnumChecker") // operations are, but their type does not show it
public enum ConnectionPoint {
  /** It is about to reply to a request. */
  REPLY("nbd_reply"),
  /** A client has connected. */
  CONNECT("nbd_connect");

  private final Operation operation;

  ConnectionPoint(String event) {
    this.operation = Operation.of(new Event(event));
  }

  /** The point as an operation, which only rules on its own event decide. */
  public Operation operation() {
    return operation;
  }

  /** What rules name: {@code nbd_reply}. */
  public Event event() {
    return operation.event();
  }

  /** The point with this event name. */
  static Optional<ConnectionPoint> named(String event) {
    for (ConnectionPoint point : values()) {
      if (point.event().name().equals(event)) {
        return Optional.of(point);
      }
    }
    return Optional.empty();
  }
}
