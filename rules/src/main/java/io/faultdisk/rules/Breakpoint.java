package io.faultdisk.rules;

/**
 * Suspends the request that announces the event next, whatever the state, and is thereby used up.
 *
 * @param event triggers it
 * @param tag the name by which the request is resumed; several breakpoints may share one
 * @param source where it came from
 */
public record Breakpoint(Event event, String tag, Source source) implements Rule {
  @Override
  public boolean expectFired() {
    return false;
  }

  @Override
  public Kind kind() {
    return Kind.BREAKPOINT;
  }
}
