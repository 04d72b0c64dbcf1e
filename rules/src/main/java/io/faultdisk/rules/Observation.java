package io.faultdisk.rules;

import java.util.Optional;

/**
 * Something that happened in a {@link FaultEngine}; see {@link Observer}. Release 17 has no pattern
 * {@code switch}: switch on {@link #kind()}.
 */
public sealed interface Observation {

  /** One per implementation. */
  enum Kind {
    /** {@link EventAnnounced}. */
    EVENT_ANNOUNCED,
    /** {@link StateChanged}. */
    STATE_CHANGED,
    /** {@link RequestSuspended}. */
    REQUEST_SUSPENDED,
    /** {@link RequestResumed}. */
    REQUEST_RESUMED,
    /** {@link RequestChecked}. */
    REQUEST_CHECKED,
    /** {@link OperationPerformed}. */
    OPERATION_PERFORMED
  }

  /** Which of the implementations this is. */
  Kind kind();

  /**
   * An event was announced, with rules or without.
   *
   * @param event which
   * @param request on whose way; empty if outside any request
   * @param state the state before the event
   * @param armed whether rules were armed, which disarms those armed before
   */
  record EventAnnounced(Event event, Optional<Request> request, int state, boolean armed)
      implements Observation {
    @Override
    public Kind kind() {
      return Kind.EVENT_ANNOUNCED;
    }
  }

  /**
   * The engine is in another state. Follows the {@link EventAnnounced} of the event that did it;
   * not sent if the state stays.
   *
   * @param event which event did it; empty if somebody {@linkplain FaultEngine#setState set} it
   * @param from the state before
   * @param to the state now
   */
  record StateChanged(Optional<Event> event, int from, int to) implements Observation {
    @Override
    public Kind kind() {
      return Kind.STATE_CHANGED;
    }
  }

  /**
   * A request stops at a breakpoint; sent by its own thread before anybody can see it suspended.
   *
   * @param request the stop
   */
  record RequestSuspended(SuspendedRequest request) implements Observation {
    @Override
    public Kind kind() {
      return Kind.REQUEST_SUSPENDED;
    }
  }

  /**
   * A stop is over; sent by the thread that resumes it, before the request goes on.
   *
   * @param request the stop
   */
  record RequestResumed(SuspendedRequest request) implements Observation {
    @Override
    public Kind kind() {
      return Kind.REQUEST_RESUMED;
    }
  }

  /**
   * A request was decided.
   *
   * @param request its shape
   * @param decision what is to become of it
   */
  record RequestChecked(Request request, Decision decision) implements Observation {
    @Override
    public Kind kind() {
      return Kind.REQUEST_CHECKED;
    }
  }

  /**
   * An operation was decided, and is performed now unless the decision is against it.
   *
   * @param operation which
   * @param target what it is done to
   * @param offset its first byte, 0 if it has no range
   * @param bytes its length, 0 if it has no range
   * @param state the state before
   * @param decision what is to become of it
   */
  record OperationPerformed(
      Operation operation, Target target, long offset, long bytes, int state, Decision decision)
      implements Observation {
    @Override
    public Kind kind() {
      return Kind.OPERATION_PERFORMED;
    }
  }
}
