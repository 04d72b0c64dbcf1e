package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an event has to do. Immutable, made for the case that it has nothing to do: one probe
 * or two, no allocation.
 */
final class EventTable {
  /** Open addressing; at most half full, so a search ends. */
  private final @Nullable Event[] keys;

  private final @Nullable EventProgram[] programs;
  private final int mask;

  /** The same as a map, to make another table from. */
  private final Map<Event, EventProgram> content;

  private EventTable(Map<Event, EventProgram> content) {
    this.content = content;
    int size = Integer.highestOneBit(Math.max(1, content.size())) * 4;
    this.keys = new Event[size];
    this.programs = new EventProgram[size];
    this.mask = size - 1;
    for (Map.Entry<Event, EventProgram> entry : content.entrySet()) {
      int at = start(entry.getKey());
      while (keys[at] != null) {
        at = (at + 1) & mask;
      }
      keys[at] = entry.getKey();
      programs[at] = entry.getValue();
    }
  }

  /** What an engine starts with: nothing to do. */
  static final EventTable EMPTY = new EventTable(Map.of());

  /**
   * Compiles rules.
   *
   * @param injectors all about requests by order; those that were consumed have no part in it
   * @param setters in definition order
   */
  static EventTable of(
      RuleState[] injectors,
      List<EventProgram.SetStateCount> setters,
      List<Breakpoint> breakpoints) {
    Map<Event, List<RuleState>> injectorsOf = new HashMap<>();
    Map<Event, List<EventProgram.SetStateCount>> settersOf = new HashMap<>();
    for (RuleState rule : injectors) {
      if (!rule.consumed()) {
        listOf(injectorsOf, rule.rule.event()).add(rule);
      }
    }
    for (EventProgram.SetStateCount setter : setters) {
      listOf(settersOf, setter.rule.event()).add(setter);
      // So that the event is among the keys.
      listOf(injectorsOf, setter.rule.event());
    }
    Map<Event, EventProgram> programs = new HashMap<>();
    for (Map.Entry<Event, List<RuleState>> entry : injectorsOf.entrySet()) {
      Event event = entry.getKey();
      programs.put(
          event,
          new EventProgram(injectors, entry.getValue(), settersOf.getOrDefault(event, List.of())));
    }
    for (Breakpoint breakpoint : breakpoints) {
      programs.putIfAbsent(breakpoint.event(), EventProgram.EMPTY);
    }
    return new EventTable(programs);
  }

  private static <T> List<T> listOf(Map<Event, List<T>> lists, Event event) {
    List<T> list = lists.get(event);
    if (list == null) {
      list = new ArrayList<>();
      lists.put(event, list);
    }
    return list;
  }

  /** Whether no event has rules or breakpoints. */
  boolean isEmpty() {
    return content.isEmpty();
  }

  /** Whether the event is without rules and breakpoints, or all its rules are for other files. */
  boolean spares(@Nullable Event event, Target target) {
    EventProgram program = event == null ? null : find(event);
    return program == null || (program != EventProgram.EMPTY && program.isForOthersThan(target));
  }

  /** A table of its own with an event that has a breakpoint, and perhaps rules. */
  EventTable with(Event event) {
    Map<Event, EventProgram> more = new HashMap<>(content);
    more.putIfAbsent(event, EventProgram.EMPTY);
    return new EventTable(more);
  }

  /** The same table without an event. */
  EventTable without(Event event) {
    Map<Event, EventProgram> fewer = new HashMap<>(content);
    fewer.remove(event);
    return new EventTable(fewer);
  }

  /**
   * The event's program; empty if it has breakpoints only, null if it has neither rules nor
   * breakpoints.
   */
  @Nullable EventProgram find(Event event) {
    int at = start(event);
    while (true) {
      Event key = keys[at];
      if (key == null) {
        return null;
      }
      if (key.equals(event)) {
        return programs[at];
      }
      at = (at + 1) & mask;
    }
  }

  private int start(Event event) {
    int hash = event.hashCode() * 0x9E3779B9;
    return (hash >>> 15) & mask;
  }
}
