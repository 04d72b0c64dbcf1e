package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The rules of an engine, as they come and go, and what became of each. One that was taken out is
 * forgotten: only requests that are being decided may still know it.
 *
 * <p>Guarded by the engine's lock, but for {@link #isSuspending} and {@link #hasBadBlocks}. After
 * each change the engine has to {@link #compile}.
 */
final class RuleBook {
  private static final RuleState[] NONE = {};

  /**
   * Rules about requests by {@link RuleState#order}; replaced as a whole, since what was compiled
   * keeps it. Those that {@code once} has used up are among them.
   */
  private RuleState[] injectors = NONE;

  /** Those of the injectors that writes heal; replaced as a whole. */
  private volatile RuleState[] badBlocks = NONE;

  /** Whether one of the injectors lets requests wait until somebody resumes them. */
  private volatile boolean suspending;

  private List<EventProgram.SetStateCount> setters = List.of();

  private int lastId;

  /** How many rules there are. */
  int size() {
    return injectors.length + setters.size();
  }

  /**
   * Adds rules behind those that are there; breakpoints go elsewhere.
   *
   * @return the ids of those that did not
   */
  List<Integer> add(List<? extends Rule> rules, Breakpoints breakpoints) {
    List<Integer> ids = new ArrayList<>(rules.size());
    List<RuleState> injectorList = new ArrayList<>(List.of(injectors));
    List<EventProgram.SetStateCount> setterList = new ArrayList<>(setters);
    for (Rule rule : rules) {
      if (rule.kind() == Rule.Kind.BREAKPOINT) {
        breakpoints.add((Breakpoint) rule);
        continue;
      }
      int id = ++lastId;
      ids.add(id);
      if (rule.kind() == Rule.Kind.SET_STATE) {
        setterList.add(new EventProgram.SetStateCount(id, (SetState) rule));
      } else {
        injectorList.add(new RuleState(id, (RequestRule) rule));
      }
    }
    keep(injectorList, setterList);
    return ids;
  }

  /** Takes out the rule with that id; false if there is none. */
  boolean remove(int id) {
    return removeIf(injector -> injector.id == id, setter -> setter.id == id) > 0;
  }

  /** Takes out rules and says how many. */
  int remove(Collection<? extends Rule> rules) {
    Set<Rule> gone = new HashSet<>(rules);
    return removeIf(injector -> gone.contains(injector.rule), setter -> gone.contains(setter.rule));
  }

  /** Takes out all rules. */
  void clear() {
    keep(List.of(), List.of());
  }

  private int removeIf(
      Predicate<RuleState> injectorGoes, Predicate<EventProgram.SetStateCount> setterGoes) {
    int before = size();
    List<RuleState> injectorList = new ArrayList<>(List.of(injectors));
    List<EventProgram.SetStateCount> setterList = new ArrayList<>(setters);
    injectorList.removeIf(injectorGoes);
    setterList.removeIf(setterGoes);
    keep(injectorList, setterList);
    return before - size();
  }

  /** These are all rules from now on. */
  private void keep(List<RuleState> injectorList, List<EventProgram.SetStateCount> setterList) {
    injectors = injectorList.toArray(NONE);
    for (int i = 0; i < injectors.length; i++) {
      injectors[i].order = i;
    }
    setters = List.copyOf(setterList);
    suspending =
        Arrays.stream(injectors)
            .anyMatch(
                state -> state.rule instanceof InjectError rule && rule.suspend().isPresent());
    badBlocks =
        Arrays.stream(injectors)
            .filter(state -> state.rule.kind() == Rule.Kind.BAD_BLOCKS)
            .toArray(RuleState[]::new);
  }

  /**
   * Whether a rule may let a request wait, which one that {@code once} has just used up still does.
   * So that a request need not look at the rule that decides it, which it would have to fetch from
   * memory.
   */
  boolean isSuspending() {
    return suspending;
  }

  /** Whether writes heal anything. */
  boolean hasBadBlocks() {
    return badBlocks.length != 0;
  }

  /** Bytes were written: no block with one of them is bad any more. */
  void heal(long offset, long bytes) {
    for (RuleState rule : badBlocks) {
      rule.heal(offset, bytes);
    }
  }

  /** What each event does from now on. */
  EventTable compile(Breakpoints breakpoints) {
    return EventTable.of(injectors, setters, breakpoints.list());
  }

  /** All rules about requests, then all set-state rules. */
  List<Snapshot.RuleStatus> statuses(ActiveList active) {
    List<Snapshot.RuleStatus> statuses = new ArrayList<>(size());
    for (RuleState rule : injectors) {
      statuses.add(rule.status(active));
    }
    setters.forEach(setter -> statuses.add(setter.status()));
    return statuses;
  }
}
