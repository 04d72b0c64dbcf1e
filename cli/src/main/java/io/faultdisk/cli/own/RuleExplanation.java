package io.faultdisk.cli.own;

import io.faultdisk.block.blkdebug.RuleWords;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestRule;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.SetState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What rules do, in words and drawn as a state machine.
 *
 * @param name the rule file's name
 * @param rules in definition order
 */
record RuleExplanation(String name, List<Rule> rules) {

  /** How to say it. */
  enum Format {
    /** Sentences and a table. */
    TEXT,
    /** A state diagram for Mermaid. */
    MERMAID,
    /** A graph for Graphviz. */
    DOT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the list, in the order of the file. */
  RuleExplanation {
    rules = rules.stream().sorted(Comparator.comparingInt(rule -> rule.source().line())).toList();
  }

  List<String> lines(Format format) {
    return switch (format) {
      case TEXT -> text();
      case MERMAID -> mermaid();
      case DOT -> dot();
    };
  }

  // ---- the states

  private static int stateOf(Rule rule) {
    return switch (rule) {
      case RequestRule request -> request.state();
      case SetState change -> change.state();
      default -> 0;
    };
  }

  private List<SetState> changes() {
    return rules.stream().filter(SetState.class::isInstance).map(SetState.class::cast).toList();
  }

  private List<Rule> in(int state) {
    return rules.stream().filter(rule -> stateOf(rule) == state).toList();
  }

  /** All that are named, and the first; without 0 as a rule's state, which is any. */
  private Set<Integer> states() {
    Set<Integer> states = new TreeSet<>(Set.of(FaultEngine.INITIAL_STATE));
    for (Rule rule : rules) {
      if (stateOf(rule) != 0) {
        states.add(stateOf(rule));
      }
      if (rule instanceof SetState change) {
        states.add(change.newState());
      }
    }
    return states;
  }

  private Set<Integer> reachable() {
    Set<Integer> reached = new TreeSet<>(Set.of(FaultEngine.INITIAL_STATE));
    boolean more = true;
    while (more) {
      more = false;
      for (SetState change : changes()) {
        if (change.state() == 0 || reached.contains(change.state())) {
          more |= reached.add(change.newState());
        }
      }
    }
    return reached;
  }

  // ---- words

  private List<String> text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        name
            + ": "
            + rules.size()
            + (rules.size() == 1 ? " rule" : " rules")
            + ", the first that"
            + " matches a request decides it");
    group(lines, "In any state", in(0));
    Set<Integer> reachable = reachable();
    for (int state : states()) {
      String heading =
          "In state "
              + state
              + (state == FaultEngine.INITIAL_STATE ? ", the first" : "")
              + (reachable.contains(state) ? "" : ", to which no rule leads");
      // 0 as a state to be in has no rules of its own: those for 0 are for any.
      group(lines, heading, state == 0 ? List.of() : in(state));
    }
    List<SetState> changes = changes();
    if (!changes.isEmpty()) {
      lines.add("");
      lines.add("States");
      lines.addAll(table(changes));
      lines.add("");
      lines.add("```mermaid");
      lines.addAll(mermaid());
      lines.add("```");
    }
    return lines;
  }

  private static void group(List<String> lines, String heading, List<Rule> group) {
    if (group.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(heading + ":");
    for (Rule rule : group) {
      lines.add("  " + rule.source() + ": " + RuleWords.of(rule));
    }
  }

  private static List<String> table(List<SetState> changes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("in", "at", "becomes", "by"));
    for (SetState change : changes) {
      rows.add(
          List.of(
              change.state() == 0 ? "any" : String.valueOf(change.state()),
              event(change),
              String.valueOf(change.newState()),
              change.source().toString()));
    }
    int[] widths = new int[4];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append("  ").append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length()));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** The event, and which of many if not all: {@code write_aio #3}. */
  private static String event(SetState change) {
    RuleFilter filter = change.filter();
    return change.event()
        + (filter.occurrence() > 1 ? " #" + filter.occurrence() : "")
        + (filter.chance() < 100 ? " " + filter.chance() + "%" : "");
  }

  // ---- drawings

  private List<String> mermaid() {
    List<String> lines = new ArrayList<>();
    lines.add("stateDiagram-v2");
    lines.add("  [*] --> s" + FaultEngine.INITIAL_STATE);
    for (int state : states()) {
      lines.add("  s" + id(state) + " : state " + state);
      for (String fault : state == 0 ? List.<String>of() : faults(state)) {
        lines.add("  s" + id(state) + " : " + fault);
      }
    }
    if (hasAny()) {
      lines.add("  any : any state");
      faults(0).forEach(fault -> lines.add("  any : " + fault));
    }
    for (SetState change : changes()) {
      lines.add("  " + from(change) + " --> s" + id(change.newState()) + " : " + event(change));
    }
    return lines;
  }

  private List<String> dot() {
    List<String> lines = new ArrayList<>();
    lines.add("digraph rules {");
    lines.add("  node [shape=box, style=rounded];");
    lines.add("  start [shape=point];");
    lines.add("  start -> s" + FaultEngine.INITIAL_STATE + ";");
    for (int state : states()) {
      String faults = state == 0 ? "" : labels(state);
      lines.add("  s" + id(state) + " [label=\"state " + state + faults + "\"];");
    }
    if (hasAny()) {
      lines.add("  any [label=\"any state" + labels(0) + "\", style=\"rounded,dashed\"];");
    }
    for (SetState change : changes()) {
      lines.add(
          "  "
              + from(change)
              + " -> s"
              + id(change.newState())
              + " [label=\""
              + event(change)
              + "\"];");
    }
    lines.add("}");
    return lines;
  }

  private String labels(int state) {
    StringBuilder label = new StringBuilder();
    faults(state).forEach(fault -> label.append("\\n").append(fault));
    return label.toString();
  }

  /** What can happen in a state, in two or three words each. */
  private List<String> faults(int state) {
    List<String> faults = new ArrayList<>();
    for (Rule rule : in(state)) {
      if (rule instanceof RequestRule) {
        faults.add(rule.kind().wireName() + " at " + rule.event());
      }
    }
    return faults;
  }

  private boolean hasAny() {
    return !in(0).isEmpty();
  }

  private static String from(SetState change) {
    return change.state() == 0 ? "any" : "s" + id(change.state());
  }

  /** Negative states have names of letters and digits, too. */
  private static String id(int state) {
    return state < 0 ? "m" + Integer.toUnsignedString(-state) : String.valueOf(state);
  }
}
