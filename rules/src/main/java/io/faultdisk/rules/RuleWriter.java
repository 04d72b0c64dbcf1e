package io.faultdisk.rules;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes rules as sections of a rule file, so that what a program did can be repeated from a file.
 * {@link RuleSources} reads them back: rules for files in {@link Dialect#FILES}, those for disks in
 * {@link Dialect#FAULTDISK}.
 */
public final class RuleWriter {
  /** Of one rule, in the order in which they are written. */
  private final Map<String, String> keys = new LinkedHashMap<>();

  private final Dialect dialect;

  private RuleWriter(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * The sections of these rules, each key on a line of its own. Breakpoints cannot be in a file and
   * are left out. A path of more than about 1000 bytes has no place in a file, whose lines end
   * there.
   */
  public static String write(List<? extends Rule> rules) {
    return write(rules, Dialect.FAULTDISK);
  }

  /**
   * The same for readers of a dialect.
   *
   * @param dialect {@link Dialect#QEMU} knows errors by number only; rules beyond those of QEMU
   *     cannot be said in it
   */
  public static String write(List<? extends Rule> rules, Dialect dialect) {
    StringBuilder text = new StringBuilder();
    for (Rule rule : rules) {
      if (rule.kind() != Rule.Kind.BREAKPOINT) {
        text.append(text.isEmpty() ? "[" : "\n[").append(rule.kind().wireName()).append("]\n");
        keys(rule, dialect)
            .forEach((key, value) -> text.append(key).append(" = \"").append(value).append("\"\n"));
      }
    }
    return text.toString();
  }

  /**
   * The keys of a rule's section and their values, those left out that say the default; {@link
   * RuleSources#readOne} reads them back.
   *
   * @param rule no breakpoint
   */
  public static Map<String, String> keys(Rule rule, Dialect dialect) {
    RuleWriter writer = new RuleWriter(dialect);
    writer.section(rule);
    return Collections.unmodifiableMap(writer.keys);
  }

  private void section(Rule rule) {
    key("event", rule.event().name());
    if (rule instanceof SetState change) {
      state(change.state());
      key("new_state", change.newState());
      filter(change.filter(), false);
    } else {
      request((RequestRule) rule);
    }
    if (rule.expectFired()) {
      key("expect-fired", "on");
    }
  }

  private void request(RequestRule rule) {
    state(rule.state());
    types(rule);
    rule.sector().ifPresent(sector -> key("sector", sector));
    if (rule.once() && rule.kind() != Rule.Kind.CUT_POWER) {
      key("once", "on");
    }
    filter(rule.filter(), isRandom(rule));
    switch (rule.kind()) {
      case INJECT_ERROR -> injectError((InjectError) rule);
      case SHORT_TRANSFER -> ((ShortTransfer) rule).bytes().ifPresent(limit -> key("limit", limit));
      case CORRUPT -> key("bits", ((Corrupt) rule).bits());
      case TEAR_WRITE -> tearWrite((TearWrite) rule);
      case MISDIRECT_WRITE -> {
        MisdirectWrite misdirect = (MisdirectWrite) rule;
        misdirect.to().ifPresent(sector -> key("to", sector));
        misdirect.by().ifPresent(sectors -> key("by", sectors));
      }
      case FAIL_FLUSH -> {
        FailFlush flush = (FailFlush) rule;
        key("mode", flush.mode().wireName());
        if (flush.mode() != FailFlush.Mode.LIE) {
          key("errno", flush.errno().name());
        }
      }
      case CUT_POWER -> {
        CutPower cut = (CutPower) rule;
        if (cut.survivors().kind() != Survivors.Kind.NONE) {
          key("survivors", cut.survivors().toString());
        }
      }
      case BAD_BLOCKS -> key("errno", ((BadBlocks) rule).errno().name());
      case CONNECTION_FAULT -> {
        ConnectionFault fault = (ConnectionFault) rule;
        key("mode", fault.mode().wireName());
        if (fault.mode() == ConnectionFault.Mode.LATE_REPLY) {
          key("delay-ns", fault.delayNanos());
        }
      }
      case DROP_WRITE, STALE_READ -> {}
      case SET_STATE, BREAKPOINT -> throw new IllegalStateException("not about requests");
    }
  }

  /** Whether the effect hangs on the seed even without a chance. */
  private static boolean isRandom(RequestRule rule) {
    return switch (rule.kind()) {
      case CORRUPT -> true;
      case TEAR_WRITE -> ((TearWrite) rule).part() == TearWrite.Part.RANDOM;
      case CUT_POWER -> ((CutPower) rule).survivors().kind() == Survivors.Kind.RANDOM;
      default -> false;
    };
  }

  private void injectError(InjectError rule) {
    if (dialect == Dialect.QEMU) {
      key("errno", rule.errno().number());
    } else {
      key("errno", rule.errno().name());
    }
    if (rule.immediately()) {
      key("immediately", "on");
    }
    if (rule.when() != InjectError.When.BEFORE) {
      key("when", rule.when().wireName());
    }
    if (rule.delayNanos() > 0) {
      key("delay-ns", rule.delayNanos());
    }
    rule.suspend().ifPresent(tag -> key("suspend", unquotable(tag)));
  }

  private void tearWrite(TearWrite rule) {
    rule.sectors().ifPresent(sectors -> key("sectors", sectors));
    key("part", rule.part().wireName());
    key("then", rule.then().wireName());
    if (rule.then() == TearWrite.Then.ERROR) {
      key("errno", rule.errno().name());
    }
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

  private void filter(RuleFilter filter, boolean random) {
    filter.path().ifPresent(glob -> key("path", unquotable(glob.toString())));
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
      // Not Double.toString alone: it writes 1.0E-4.
      key("chance", new BigDecimal(Double.toString(filter.chance())).toPlainString());
    }
    if (filter.chance() < 100 || (random && filter.seed().value() != 0)) {
      key("seed", filter.seed().value());
    }
  }

  /** A file has no way to write a quote or the end of a line inside a value; globs match "?". */
  private static String unquotable(String value) {
    return value.replaceAll("[\"\n\r\0]", "?");
  }

  private void key(String name, long value) {
    key(name, Long.toString(value));
  }

  private void key(String name, String value) {
    keys.put(name, value);
  }
}
