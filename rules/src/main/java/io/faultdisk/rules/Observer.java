package io.faultdisk.rules;

/**
 * Is told of every event, state change, stop and decision of a {@link FaultEngine}.
 *
 * <p>Thread rule: called by the thread that caused the observation, outside all locks, in the order
 * in which that thread caused them; by several threads at once if several use the engine. May call
 * the engine. Must not throw: what it throws ends up in the announcing or checking request.
 */
@FunctionalInterface
public interface Observer {

  /** Something happened. */
  void observed(Observation observation);

  /** An observer at work; closing it ends that. Closing again does nothing. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
