package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.BadBlocks;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.ConnectionFault;
import io.faultdisk.rules.ConnectionPoint;
import io.faultdisk.rules.Corrupt;
import io.faultdisk.rules.CutPower;
import io.faultdisk.rules.DropWrite;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.MisdirectWrite;
import io.faultdisk.rules.RequestRule;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.SetState;
import io.faultdisk.rules.ShortTransfer;
import io.faultdisk.rules.StaleRead;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.TearWrite;
import java.util.stream.Collectors;

/**
 * What a rule does in a few words, for a column of a table that has its event in another: {@code
 * EIO to read at sector 10, once}. {@link RuleWords} says it in a sentence.
 */
public final class RuleBrief {
  private RuleBrief() {}

  /** The words for a rule. */
  public static String of(Rule rule) {
    String words =
        switch (rule) {
          case SetState change ->
              (change.state() == 0 ? "any state" : "state " + change.state())
                  + " becomes "
                  + change.newState()
                  + RuleWords.range(change.filter())
                  + choice(change.filter());
          case Breakpoint breakpoint -> "stops '" + breakpoint.tag() + "'";
          case RequestRule other -> effect(other) + conditions(other);
        };
    return words + (rule.expectFired() ? ", must fire" : "");
  }

  private static String effect(RequestRule rule) {
    String requests = requests(rule);
    return switch (rule) {
      case InjectError error -> injectError(error, requests);
      case Corrupt corrupt ->
          "flips " + (corrupt.bits() == 1 ? "1 bit" : corrupt.bits() + " bits") + " of " + requests;
      case TearWrite tear ->
          "tears "
              + requests
              + ": "
              + RuleWords.tornPart(tear)
              + ", then "
              + switch (tear.then()) {
                case SUCCESS, POWER_CUT -> tear.then().wireName();
                case ERROR -> tear.errno().name();
              };
      case DropWrite _ -> "drops " + requests;
      case MisdirectWrite misdirect -> "moves " + requests + target(misdirect);
      case StaleRead _ -> "old data to " + requests;
      case FailFlush flush ->
          (flush.mode() == FailFlush.Mode.LIE ? "success" : flush.errno().name())
              + " to "
              + requests
              + ", "
              + switch (flush.mode()) {
                case DROP -> "never durable";
                case KEEP -> "durable by the next";
                case LIE -> "nothing durable";
              };
      case CutPower cut -> "power cut at " + requests + survivors(cut.survivors());
      case BadBlocks bad -> bad.errno().name() + " to " + requests + " until rewritten";
      case ConnectionFault fault -> connection(fault, requests);
      case ShortTransfer transfer ->
          transfer.bytes().isPresent()
              ? requests + " of " + transfer.bytes().getAsLong() + " bytes at most"
              : "half of " + requests;
    };
  }

  private static String injectError(InjectError rule, String requests) {
    return (rule.errno().equals(Errno.SUCCESS) ? "passes " : rule.errno().name() + " to ")
        + requests
        + (rule.fails() && rule.when() == InjectError.When.AFTER ? " that is done" : "")
        + rule.suspend().map(tag -> ", held as '" + tag + "'").orElse("")
        + (rule.delayNanos() > 0 ? ", " + RuleWords.duration(rule.delayNanos()) + " late" : "");
  }

  private static String target(MisdirectWrite rule) {
    if (rule.to().isPresent()) {
      return " to sector " + rule.to().getAsLong();
    }
    long by = rule.by().getAsLong();
    return (by > 0 ? " forward by " : " back by ") + RuleWords.sectors(Math.abs(by));
  }

  private static String survivors(Survivors survivors) {
    return switch (survivors.kind()) {
      case NONE -> "";
      case ALL -> " (all survive)";
      case RANDOM -> " (random ones survive)";
      case LISTED -> " (" + survivors + " survive)";
    };
  }

  private static String connection(ConnectionFault rule, String requests) {
    return rule.mode().point() == ConnectionPoint.CONNECT
        ? rule.mode().toString()
        : rule.mode()
            + " to "
            + requests
            + (rule.mode() == ConnectionFault.Mode.LATE_REPLY
                ? ", " + RuleWords.duration(rule.delayNanos())
                : "");
  }

  /** The requests by type and place: {@code read at sector 10}. */
  private static String requests(RequestRule rule) {
    String types =
        rule.types().equals(RequestType.defaultTypes())
            ? "any request"
            : rule.types().stream().map(RequestType::wireName).collect(Collectors.joining(","));
    return types
        + (rule.sector().isPresent() ? " at sector " + rule.sector().getAsLong() : "")
        + RuleWords.range(rule.filter());
  }

  // ---- which of them

  private static String conditions(RequestRule rule) {
    boolean immediately = rule instanceof InjectError error && error.immediately();
    // That the power can go once need not be said.
    boolean once = rule.once() && !(rule instanceof CutPower);
    return choice(rule.filter())
        + (rule.state() != 0 ? ", in state " + rule.state() : "")
        + (once ? ", once" : "")
        + (immediately ? ", immediately" : "");
  }

  /** Which of many: {@code , the 3rd}, {@code , the first 2}, {@code , 50 %}. */
  private static String choice(RuleFilter filter) {
    long from = filter.occurrence();
    long times = filter.times();
    String which =
        times == Long.MAX_VALUE
            ? from == 1 ? "" : ", from the " + RuleWords.ordinal(from) + " on"
            : from == 1
                ? ", the first" + (times == 1 ? "" : " " + times)
                : times == 1
                    ? ", the " + RuleWords.ordinal(from)
                    : ", " + times + " from the " + RuleWords.ordinal(from) + " on";
    return which + (filter.chance() < 100 ? ", " + RuleWords.percent(filter) + " %" : "");
  }
}
