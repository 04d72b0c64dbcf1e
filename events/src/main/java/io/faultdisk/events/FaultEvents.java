package io.faultdisk.events;

import java.io.IOException;

/**
 * What a program tells of what it is about to do, so that tests can make it fail there.
 *
 * <pre>{@code
 * private static final FaultEvents faults = FaultEvents.current();
 * ...
 * faults.event("wal_append");
 * channel.write(record);
 * }</pre>
 *
 * <p>In production nobody listens, and a call costs a few nanoseconds. A test listens by opening an
 * {@link EventScope} for its threads.
 *
 * <p>Safe from any thread.
 */
public interface FaultEvents {

  /**
   * Announces an event: arms the rules on it, changes the state, stops at a breakpoint. Fails
   * nothing by itself.
   *
   * @param name lower-case letters, digits, {@code _}, {@code -} and {@code .}; by convention what
   *     is about to be done, {@code wal_append}
   */
  void event(String name);

  /**
   * Announces an event that is an operation of its own: rules on it fail it here and now.
   *
   * @param name as in {@link #event}
   * @throws IOException as the rule says
   */
  void check(String name) throws IOException;

  /** Nobody listens, ever. */
  static FaultEvents none() {
    return Silent.INSTANCE;
  }

  /**
   * Whoever listens to the calling thread at each call; nobody, outside any {@link EventScope}. Can
   * be kept in a constant.
   */
  static FaultEvents current() {
    return Scoped.INSTANCE;
  }
}
