package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one event does, worked out beforehand for each state that its rules mention and for all
 * others.
 *
 * <p>Immutable apart from the counters in it, which the engine's lock guards.
 */
final class EventProgram {
  /** An event without rules. */
  static final EventProgram EMPTY = new EventProgram(new RuleState[0], List.of(), List.of());

  /**
   * What the event does in one state.
   *
   * @param active the list it arms, if anything is live in it
   * @param setters the set-state rules that may decide, in definition order
   */
  record Step(ActiveList active, List<SetStateCount> setters) {
    /** The set-state rule that decides; null if the state stays. Under the engine's lock. */
    @Nullable SetStateCount next(@Nullable Target target, long offset, long bytes) {
      SetStateCount chosen = null;
      for (SetStateCount setter : setters) {
        if (setter.fires(target, offset, bytes) && chosen == null) {
          chosen = setter;
        }
      }
      return chosen;
    }
  }

  /** A set-state rule and how often it decided. Guarded by the engine's lock. */
  static final class SetStateCount {
    final int id;
    final SetState rule;
    private final @Nullable MatchCounter counter;
    private long times;

    SetStateCount(int id, SetState rule) {
      this.id = id;
      this.rule = rule;
      this.counter = rule.filter().isNone() ? null : new MatchCounter(rule.filter());
    }

    boolean fires(@Nullable Target target, long offset, long bytes) {
      return counter == null || (counter.matches(target, offset, bytes) && counter.count());
    }

    int apply() {
      times++;
      if (counter != null) {
        counter.fired();
      }
      return rule.newState();
    }

    Snapshot.RuleStatus status() {
      return new Snapshot.RuleStatus(id, rule, false, false, times, 0, 0);
    }
  }

  /** The states that rules mention, ascending. */
  private final int[] states;

  /** By index in {@link #states}. */
  private final Step[] steps;

  private final Step inOtherStates;

  /** All rules of the event, for {@link #isForOthersThan}. */
  private final List<RuleState> injectors;

  private final List<SetStateCount> setters;

  /**
   * Compiles the rules of one event.
   *
   * @param all the engine's rules about requests by order
   * @param injectors those of them that the event has, in this order
   * @param setters in definition order
   */
  EventProgram(RuleState[] all, List<RuleState> injectors, List<SetStateCount> setters) {
    this.injectors = List.copyOf(injectors);
    this.setters = List.copyOf(setters);
    TreeSet<Integer> mentioned = new TreeSet<>();
    for (RuleState rule : injectors) {
      mentioned.add(rule.rule.state());
    }
    for (SetStateCount setter : setters) {
      mentioned.add(setter.rule.state());
    }
    mentioned.remove(0);

    RuleGroup anyState = group(injectors, 0);
    this.states = new int[mentioned.size()];
    this.steps = new Step[states.length];
    int at = 0;
    for (int state : mentioned) {
      states[at] = state;
      ActiveList active = new ActiveList(all, anyState, group(injectors, state));
      steps[at++] = new Step(active, in(setters, state));
    }
    // State 0 is among the others: nothing but rules for any state applies there.
    this.inOtherStates = new Step(new ActiveList(all, anyState, RuleGroup.EMPTY), in(setters, 0));
  }

  private static RuleGroup group(List<RuleState> injectors, int state) {
    List<RuleState> members = new ArrayList<>();
    for (RuleState rule : injectors) {
      if (rule.rule.state() == state) {
        members.add(rule);
      }
    }
    return members.isEmpty() ? RuleGroup.EMPTY : new RuleGroup(members);
  }

  /** Those that apply in a state; behind one that always decides, none can. */
  private static List<SetStateCount> in(List<SetStateCount> setters, int state) {
    List<SetStateCount> found = new ArrayList<>();
    for (SetStateCount setter : setters) {
      if (setter.rule.state() == 0 || setter.rule.state() == state) {
        found.add(setter);
        if (setter.counter == null) {
          break;
        }
      }
    }
    return List.copyOf(found);
  }

  /**
   * Whether each rule has a path, and none is the target's: then it is so for all its operations.
   */
  boolean isForOthersThan(Target target) {
    for (RuleState rule : injectors) {
      if (rule.counter == null || !rule.counter.isForOthersThan(target)) {
        return false;
      }
    }
    for (SetStateCount setter : setters) {
      if (setter.counter == null || !setter.counter.isForOthersThan(target)) {
        return false;
      }
    }
    return true;
  }

  /** What to do in a state. */
  Step in(int state) {
    if (states.length == 0) {
      return inOtherStates;
    }
    int index = Arrays.binarySearch(states, state);
    return index < 0 ? inOtherStates : steps[index];
  }
}
