package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A second engine, written sentence by sentence from the description of blkdebug's rules and of
 * ours, without a thought for speed.
 *
 * <p>Suspending is not waiting here: {@link #event} says which tags the request is stopped under.
 */
final class NaiveModel {
  int state = 1;

  /** Definition order: rules about requests, then set-state rules. */
  private final List<Rule> rules = new ArrayList<>();

  /** Oldest first. */
  private final List<Breakpoint> breakpoints = new ArrayList<>();

  private final List<RequestRule> active = new ArrayList<>();

  /** Longest first. */
  final List<String> suspended = new ArrayList<>();

  final Map<Rule, Long> eventsMatched = new HashMap<>();
  final Map<Rule, Long> requestsMatched = new HashMap<>();
  private final List<RequestRule> consumed = new ArrayList<>();
  private final Set<Rule> everArmed = new HashSet<>();
  private final Map<Rule, Long> matches = new HashMap<>();
  private final Map<Rule, Long> fired = new HashMap<>();
  private final Map<Rule, RandomGenerator> chances = new HashMap<>();

  /** Numbers of the sectors that were written since the rule was armed. */
  private final Map<Rule, Set<Long>> healed = new HashMap<>();

  /** Rules are told apart by their sources. */
  NaiveModel(List<Rule> given) {
    for (Rule rule : given) {
      if (rule instanceof RequestRule) {
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

  List<String> event(Event event) {
    return event(event, 0, 0);
  }

  /**
   * An event arrives; the tags of the breakpoints it hits, in the order in which they are reported.
   */
  List<String> event(Event event, long offset, long bytes) {
    List<RequestRule> armed = new ArrayList<>();
    List<SetState> setters = new ArrayList<>();
    for (Rule rule : rules) {
      if (!rule.event().equals(event)) {
        continue;
      }
      if (rule instanceof RequestRule request
          && (request.state() == 0 || request.state() == state)) {
        armed.add(request);
      }
      if (rule instanceof SetState set && (set.state() == 0 || set.state() == state)) {
        setters.add(set);
      }
    }
    if (!armed.isEmpty()) {
      active.clear();
      active.addAll(armed);
      everArmed.addAll(armed);
      armed.forEach(rule -> eventsMatched.merge(rule, 1L, Long::sum));
    }
    SetState chosen = null;
    for (SetState set : setters) {
      boolean plain = set.filter().isNone();
      if (plain || (touches(set.filter(), offset, bytes) && fires(set, set.filter()))) {
        chosen = chosen == null ? set : chosen;
      }
      if (plain) {
        break;
      }
    }
    if (chosen != null) {
      state = chosen.newState();
      fired.merge(chosen, 1L, Long::sum);
      eventsMatched.merge(chosen, 1L, Long::sum);
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

  /** One more match; whether occurrence, times and chance let the rule fire at it. */
  private boolean fires(Rule rule, RuleFilter filter) {
    long number = matches.merge(rule, 1L, Long::sum);
    if (number < filter.occurrence() || fired.getOrDefault(rule, 0L) >= filter.times()) {
      return false;
    }
    return filter.chance() >= 100
        || chances.computeIfAbsent(rule, unused -> filter.seed().random()).nextDouble() * 100
            < filter.chance();
  }

  private static boolean touches(RuleFilter filter, long offset, long bytes) {
    if (filter.range().isEmpty()) {
      return true;
    }
    RuleFilter.ByteRange range = filter.range().get();
    return bytes > 0 && offset < range.offset() + range.bytes() && range.offset() < offset + bytes;
  }

  /** A request arrives; the errno, 0 if it passes. */
  int check(RequestType type, long offset, long bytes) {
    return decide(type, offset, bytes).orElse(null) instanceof InjectError error
        ? error.errno().number()
        : 0;
  }

  /** A request arrives; the rule that decides it. */
  Optional<RequestRule> decide(RequestType type, long offset, long bytes) {
    RequestRule chosen = null;
    for (RequestRule rule : active) {
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
      if (!touches(rule.filter(), offset, bytes)
          || (rule instanceof BadBlocks bad && !touchesBad(bad, offset, bytes))) {
        continue;
      }
      if (isPlain(rule) || fires(rule, rule.filter())) {
        chosen = chosen == null ? rule : chosen;
      }
    }
    if (chosen == null) {
      return Optional.empty();
    }
    requestsMatched.merge(chosen, 1L, Long::sum);
    fired.merge(chosen, 1L, Long::sum);
    if (!doesSomething(chosen)) {
      return Optional.empty();
    }
    if (chosen.once()) {
      active.remove(chosen);
      rules.remove(chosen);
      consumed.add(chosen);
    }
    if (chosen instanceof InjectError error && error.suspend().isPresent()) {
      suspended.add(error.suspend().get());
    }
    return Optional.of(chosen);
  }

  /** As QEMU has them; the matches of others are counted. */
  static boolean isPlain(Rule rule) {
    return rule instanceof InjectError error && error.filter().isNone();
  }

  /** Whether it is more than a shield. */
  static boolean doesSomething(RequestRule rule) {
    return !(rule instanceof InjectError error)
        || error.fails()
        || error.delayNanos() > 0
        || error.suspend().isPresent();
  }

  private boolean touchesBad(BadBlocks rule, long offset, long bytes) {
    RuleFilter.ByteRange range = rule.filter().range().orElseThrow();
    Set<Long> good = healed.getOrDefault(rule, Set.of());
    long from = Math.max(offset, range.offset());
    long last = Math.min(offset + bytes, range.offset() + range.bytes()) - 1;
    for (long sector = from / 512; sector <= last / 512; sector++) {
      if (!good.contains(sector)) {
        return true;
      }
    }
    return false;
  }

  /** These bytes were written. */
  void written(long offset, long bytes) {
    for (Rule rule : rules) {
      if (rule instanceof BadBlocks bad && everArmed.contains(bad)) {
        RuleFilter.ByteRange range = bad.filter().range().orElseThrow();
        long last = (range.offset() + range.bytes() - 1) / 512;
        for (long sector = range.offset() / 512; sector <= last; sector++) {
          if (sector * 512 < offset + bytes && offset < sector * 512 + 512) {
            healed.computeIfAbsent(bad, unused -> new HashSet<>()).add(sector);
          }
        }
      }
    }
  }

  boolean isArmed(Rule rule) {
    return rule instanceof RequestRule request && active.contains(request);
  }

  boolean isConsumed(Rule rule) {
    return rule instanceof RequestRule request && consumed.contains(request);
  }

  /** What the engine calls that: for a rule that is counted, its matches. */
  long eventsMatched(Rule rule) {
    return (rule instanceof SetState || isPlain(rule) ? eventsMatched : matches)
        .getOrDefault(rule, 0L);
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
