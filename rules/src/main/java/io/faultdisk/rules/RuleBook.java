package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The rules of an engine, as they come and go, and what became of each.
 *
 * <p>Guarded by the engine's lock, but for {@link #get}, {@link #isSuspending} and {@link
 * #hasBadBlocks}.
 */
final class RuleBook {
  private static final RuleState[] NONE = {};

  /**
   * Rules about requests by {@link RuleState#order}; replaced as a whole. Those taken out keep
   * their places.
   */
  private volatile RuleState[] injectors = NONE;

  /** Those of the injectors that writes heal; replaced as a whole. */
  private volatile RuleState[] badBlocks = NONE;

  /** Whether one of the injectors lets requests wait until somebody resumes them. */
  private volatile boolean suspending;

  private List<EventProgram.SetStateCount> setters = List.of();

  private int lastId;

  /** The rule with this order, while it is or was in an index. */
  RuleState get(int order) {
    return injectors[order];
  }

  /** All rules about requests, by order. */
  RuleState[] injectors() {
    return injectors;
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
        injectorList.add(new RuleState(id, (RequestRule) rule, injectorList.size()));
      }
    }
    injectors = injectorList.toArray(NONE);
    setters = List.copyOf(setterList);
    findSpecial();
    return ids;
  }

  /** Takes out the rule with that id; false if there is none. */
  boolean remove(int id) {
    boolean removed = false;
    for (RuleState rule : injectors) {
      if (rule.id == id && !rule.removed()) {
        rule.remove();
        removed = true;
      }
    }
    List<EventProgram.SetStateCount> left = new ArrayList<>(setters);
    removed |= left.removeIf(setter -> setter.id == id);
    setters = List.copyOf(left);
    findSpecial();
    return removed;
  }

  /** Takes out rules and says how many. */
  int remove(Collection<? extends Rule> rules) {
    int removed = 0;
    for (RuleState rule : injectors) {
      if (!rule.removed() && rules.contains(rule.rule)) {
        rule.remove();
        removed++;
      }
    }
    List<EventProgram.SetStateCount> left = new ArrayList<>(setters);
    left.removeIf(setter -> rules.contains(setter.rule));
    removed += setters.size() - left.size();
    setters = List.copyOf(left);
    findSpecial();
    return removed;
  }

  private void findSpecial() {
    suspending =
        Arrays.stream(injectors)
            .anyMatch(
                state -> state.rule instanceof InjectError rule && rule.suspend().isPresent());
    badBlocks =
        Arrays.stream(injectors)
            .filter(rule -> rule.rule.kind() == Rule.Kind.BAD_BLOCKS && !rule.removed())
            .toArray(RuleState[]::new);
  }

  /**
   * Whether a rule may let a request wait. So that a request need not look at the rule that decides
   * it, which it would have to fetch from memory.
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
    List<RuleState> live = new ArrayList<>(injectors.length);
    for (RuleState rule : injectors) {
      if (!rule.consumed()) {
        live.add(rule);
      }
    }
    return EventTable.of(live, setters, breakpoints.list());
  }

  /** All rules about requests, then all set-state rules. */
  List<Snapshot.RuleStatus> statuses(ActiveList active) {
    List<Snapshot.RuleStatus> statuses = new ArrayList<>(injectors.length + setters.size());
    for (RuleState rule : injectors) {
      if (!rule.removed()) {
        statuses.add(rule.status(active));
      }
    }
    setters.forEach(setter -> statuses.add(setter.status()));
    return statuses;
  }
}
