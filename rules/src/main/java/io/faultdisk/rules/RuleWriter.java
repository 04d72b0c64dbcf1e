package io.faultdisk.rules;

import java.util.List;

/**
 * Writes rules as sections of a rule file, so that what a program did can be repeated from a file.
 * {@link RuleSources} reads them back, in {@link Dialect#FILES}.
 */
public final class RuleWriter {
  private final StringBuilder text = new StringBuilder();

  private RuleWriter() {}

  /**
   * The sections of these rules, each key on a line of its own. Breakpoints cannot be in a file and
   * are left out. A path of more than about 1000 bytes has no place in a file, whose lines end
   * there.
   */
  public static String write(List<? extends Rule> rules) {
    RuleWriter writer = new RuleWriter();
    for (Rule rule : rules) {
      writer.section(rule);
    }
    return writer.text.toString();
  }

  private void section(Rule rule) {
    if (rule.kind() == Rule.Kind.BREAKPOINT) {
      return;
    }
    text.append(text.isEmpty() ? "[" : "\n[").append(rule.kind().wireName()).append("]\n");
    key("event", rule.event().name());
    switch (rule.kind()) {
      case INJECT_ERROR -> {
        InjectError error = (InjectError) rule;
        request(error);
        key("errno", error.errno().name());
        if (error.immediately()) {
          key("immediately", "on");
        }
      }
      case SHORT_TRANSFER -> {
        ShortTransfer transfer = (ShortTransfer) rule;
        request(transfer);
        transfer.bytes().ifPresent(limit -> key("limit", limit));
      }
      case FAIL_FLUSH -> {
        FailFlush flush = (FailFlush) rule;
        state(flush.state());
        key("mode", flush.mode().wireName());
        key("errno", flush.errno().name());
        once(flush);
        filter(flush.filter());
      }
      case CUT_POWER -> {
        CutPower cut = (CutPower) rule;
        state(cut.state());
        types(cut);
        filter(cut.filter());
      }
      case SET_STATE -> {
        SetState change = (SetState) rule;
        state(change.state());
        key("new_state", change.newState());
        filter(change.filter());
      }
      case CORRUPT,
          TEAR_WRITE,
          DROP_WRITE,
          MISDIRECT_WRITE,
          STALE_READ,
          BAD_BLOCKS,
          CONNECTION_FAULT ->
          throw new IllegalStateException("not yet: " + rule.kind());
      case BREAKPOINT -> throw new IllegalStateException("left out above");
    }
  }

  private void request(RequestRule rule) {
    state(rule.state());
    types(rule);
    rule.sector().ifPresent(sector -> key("sector", sector));
    once(rule);
    filter(rule.filter());
  }

  private void state(int state) {
    if (state != 0) {
      key("state", state);
    }
  }

  /** A file has one type or the default; a program may have made something between. */
  private void types(RequestRule rule) {
    if (!rule.types().equals(rule.kind().defaultTypes())) {
      key("iotype", rule.types().iterator().next().wireName());
    }
  }

  private void once(RequestRule rule) {
    if (rule.once()) {
      key("once", "on");
    }
  }

  private void filter(RuleFilter filter) {
    // A file has no way to write a quote or the end of a line inside a value; "?" matches them.
    filter.path().ifPresent(glob -> key("path", glob.toString().replaceAll("[\"\n\r\0]", "?")));
    filter
        .range()
        .ifPresent(
            range -> {
              key("offset", range.offset());
              if (range.bytes() != Long.MAX_VALUE - range.offset()) {
                key("bytes", range.bytes());
              }
            });
    if (filter.occurrence() > 1) {
      key("occurrence", filter.occurrence());
    }
    if (filter.times() != (filter.occurrence() > 1 ? 1 : Long.MAX_VALUE)) {
      key("times", filter.times());
    }
    if (filter.chance() < 100) {
      key("chance", Double.toString(filter.chance()));
      key("seed", filter.seed().value());
    }
  }

  private void key(String name, long value) {
    key(name, Long.toString(value));
  }

  private void key(String name, String value) {
    text.append(name).append(" = \"").append(value).append("\"\n");
  }
}
