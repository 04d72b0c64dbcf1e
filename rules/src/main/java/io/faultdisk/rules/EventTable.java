package io.faultdisk.rules;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an event has to do. Immutable, made for the case that it has nothing to do: one probe
 * or two, no allocation. (A {@code Map.copyOf} took three times as long, see the benchmarks.)
 */
final class EventTable {
  /** For an engine without rules. */
  static final EventTable EMPTY = new EventTable(Map.of());

  /** Open addressing; at most half full, so a search ends. */
  private final @Nullable Event[] keys;

  private final @Nullable EventProgram[] programs;
  private final int mask;
  private final Map<Event, EventProgram> content;

  EventTable(Map<Event, EventProgram> content) {
    this.content = Map.copyOf(content);
    int size = Integer.highestOneBit(Math.max(1, content.size())) * 4;
    this.keys = new Event[size];
    this.programs = new EventProgram[size];
    this.mask = size - 1;
    content.forEach(
        (event, program) -> {
          int at = start(event);
          while (keys[at] != null) {
            at = (at + 1) & mask;
          }
          keys[at] = event;
          programs[at] = program;
        });
  }

  /**
   * The event's program, or null if it has neither rules nor breakpoints; empty if breakpoints
   * only.
   */
  @SuppressWarnings("ReferenceEquality") // the same object nearly always; names decide otherwise
  @Nullable EventProgram find(Event event) {
    int at = start(event);
    while (true) {
      Event key = keys[at];
      if (key == null) {
        return null;
      }
      if (key == event || key.name().equals(event.name())) {
        return programs[at];
      }
      at = (at + 1) & mask;
    }
  }

  /** The same as a map. */
  Map<Event, EventProgram> content() {
    return content;
  }

  private int start(Event event) {
    int hash = event.name().hashCode() * 0x9E3779B9;
    return (hash >>> 16) & mask;
  }
}
