package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A second engine, written sentence by sentence from the description of blkdebug's rules, without a
 * thought for speed.
 *
 * <p>Suspending is not waiting here: {@link #event} says which tags the request is stopped under.
 */
final class NaiveModel {
  int state = 1;

  /** Definition order: inject-error rules, then set-state rules. */
  private final List<Rule> rules = new ArrayList<>();

  /** Oldest first. */
  private final List<Breakpoint> breakpoints = new ArrayList<>();

  private final List<InjectError> active = new ArrayList<>();

  /** Longest first. */
  final List<String> suspended = new ArrayList<>();

  final Map<Rule, Long> eventsMatched = new HashMap<>();
  final Map<Rule, Long> requestsMatched = new HashMap<>();
  private final List<InjectError> consumed = new ArrayList<>();

  /** Rules are told apart by their sources. */
  NaiveModel(List<Rule> given) {
    for (Rule rule : given) {
      if (rule instanceof InjectError) {
        rules.add(rule);
      }
    }
    for (Rule rule : given) {
      if (rule instanceof SetState) {
        rules.add(rule);
      }
    }
    for (Rule rule : given) {
      if (rule instanceof Breakpoint breakpoint) {
        breakpoints.add(breakpoint);
      }
    }
  }

  /**
   * An event arrives; the tags of the breakpoints it hits, in the order in which they are reported.
   */
  List<String> event(Event event) {
    List<InjectError> armed = new ArrayList<>();
    List<SetState> setters = new ArrayList<>();
    for (Rule rule : rules) {
      if (!rule.event().equals(event)) {
        continue;
      }
      if (rule instanceof InjectError inject && (inject.state() == 0 || inject.state() == state)) {
        armed.add(inject);
      }
      if (rule instanceof SetState set && (set.state() == 0 || set.state() == state)) {
        setters.add(set);
      }
    }
    if (!armed.isEmpty()) {
      active.clear();
      active.addAll(armed);
      armed.forEach(rule -> eventsMatched.merge(rule, 1L, Long::sum));
    }
    if (!setters.isEmpty()) {
      state = setters.get(0).newState();
      eventsMatched.merge(setters.get(0), 1L, Long::sum);
    }
    List<String> tags = new ArrayList<>();
    for (int i = breakpoints.size() - 1; i >= 0; i--) {
      if (breakpoints.get(i).event().equals(event)) {
        tags.add(breakpoints.remove(i).tag());
      }
    }
    suspended.addAll(tags);
    return tags;
  }

  /** A request arrives; the errno, 0 if it passes. */
  int check(RequestType type, long offset, long bytes) {
    for (InjectError rule : active) {
      if (!rule.types().contains(type)) {
        continue;
      }
      if (rule.sector().isPresent()) {
        long first = rule.sector().getAsLong() * 512;
        // As unsigned numbers; a request never reaches into the upper half.
        if (bytes == 0 || first < 0 || first < offset || first >= offset + bytes) {
          continue;
        }
      }
      requestsMatched.merge(rule, 1L, Long::sum);
      if (rule.errno().number() == 0) {
        return 0;
      }
      if (rule.once()) {
        active.remove(rule);
        rules.remove(rule);
        consumed.add(rule);
      }
      return rule.errno().number();
    }
    return 0;
  }

  boolean isArmed(Rule rule) {
    return rule instanceof InjectError && active.contains(rule);
  }

  boolean isConsumed(Rule rule) {
    return rule instanceof InjectError inject && consumed.contains(inject);
  }

  void addBreakpoint(Event event, String tag) {
    breakpoints.add(new Breakpoint(event, tag, Source.program()));
  }

  List<Breakpoint> breakpoints() {
    return breakpoints;
  }

  boolean resume(String tag) {
    int latest = suspended.lastIndexOf(tag);
    if (latest < 0) {
      return false;
    }
    suspended.remove(latest);
    return true;
  }

  boolean removeBreakpoint(String tag) {
    boolean any = breakpoints.removeIf(breakpoint -> breakpoint.tag().equals(tag));
    suspended.removeIf(tag::equals);
    return any;
  }
}
