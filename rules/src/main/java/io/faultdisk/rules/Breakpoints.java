package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.List;

/** The breakpoints that were not hit yet. Guarded by the engine's lock. */
final class Breakpoints {
  /** Oldest first. */
  private final List<Breakpoint> pending = new ArrayList<>();

  void add(Breakpoint breakpoint) {
    pending.add(breakpoint);
  }

  /** Uses up those on the event; the newest comes first. */
  List<Breakpoint> take(Event event) {
    if (pending.isEmpty()) {
      return List.of();
    }
    List<Breakpoint> taken = new ArrayList<>();
    for (int i = pending.size() - 1; i >= 0; i--) {
      if (pending.get(i).event().equals(event)) {
        taken.add(pending.remove(i));
      }
    }
    return taken;
  }

  /** Deletes and returns those with the tag. */
  List<Breakpoint> remove(String tag) {
    List<Breakpoint> removed = new ArrayList<>();
    pending.removeIf(breakpoint -> breakpoint.tag().equals(tag) && removed.add(breakpoint));
    return removed;
  }

  boolean has(Event event) {
    return pending.stream().anyMatch(breakpoint -> breakpoint.event().equals(event));
  }

  List<Breakpoint> list() {
    return List.copyOf(pending);
  }
}
