package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.BadBlocks;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.ConnectionFault;
import io.faultdisk.rules.Corrupt;
import io.faultdisk.rules.CutPower;
import io.faultdisk.rules.DropWrite;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.MisdirectWrite;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestRule;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.SetState;
import io.faultdisk.rules.ShortTransfer;
import io.faultdisk.rules.StaleRead;
import io.faultdisk.rules.TearWrite;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules as sentences; the state is left to whoever groups them. {@link RuleBrief} says the same in
 * a few words.
 */
public final class RuleWords {
  private static final int SECTOR = InjectError.SECTOR_BYTES;

  private RuleWords() {}

  /** What a rule does, as one sentence, and perhaps one more. */
  public static String of(Rule rule) {
    String sentence =
        switch (rule) {
          case SetState change -> setState(change);
          case Breakpoint stop -> at(stop.event()) + "the request stops as '" + stop.tag() + "'";
          case BadBlocks bad -> badBlocks(bad);
          case CutPower cut -> request(cut) + ": the power goes" + survivors(cut);
          case RequestRule other -> request(other) + " " + effect(other);
        };
    return sentence
        + "."
        + (rule.expectFired() ? " A run in which this never happens has failed." : "");
  }

  private static String setState(SetState rule) {
    String event =
        isOperation(rule.event()) ? rule.event() + pathOf(rule.filter()) : rule.event().name();
    return capital(
        choice(rule.filter(), false, event, event + " events")
            + range(rule.filter())
            + chance(rule.filter(), false)
            + " makes it state "
            + rule.newState());
  }

  private static String badBlocks(BadBlocks rule) {
    RuleFilter filter = rule.filter();
    String limits = choice(filter, rule.once(), "read", "reads") + chance(filter, rule.once());
    return at(rule.event())
        + limits
        + range(filter)
        + " fails with "
        + error(rule.errno())
        + ", until what is bad was written";
  }

  /** {@code After write_aio, the 3rd write that touches sector 7}. */
  private static String request(RequestRule rule) {
    RuleFilter filter = rule.filter();
    String one = one(rule);
    String path = isOperation(rule.event()) ? pathOf(filter) : "";
    String sector =
        rule.sector().isPresent() ? " that contains sector " + rule.sector().getAsLong() : "";
    String which =
        choice(filter, rule.once(), one + path, many(rule) + path)
            + sector
            + range(filter)
            + chance(filter, rule.once());
    return rule instanceof ConnectionFault || isOperation(rule.event())
        ? capital(which)
        : at(rule.event()) + which;
  }

  private static String at(Event event) {
    return event.equals(QemuEvents.NONE) ? "From the start, " : "After " + event + ", ";
  }

  private static String one(RequestRule rule) {
    if (rule instanceof ConnectionFault fault) {
      return switch (fault.mode().point()) {
        case CONNECT -> "client that connects";
        case REPLY -> rule.types().size() == 1 ? "reply to a " + noun(type(rule)) : "reply";
      };
    }
    if (isOperation(rule.event())) {
      return rule.event().name();
    }
    return listed(rule, false);
  }

  private static String many(RequestRule rule) {
    if (rule instanceof ConnectionFault fault) {
      return switch (fault.mode().point()) {
        case CONNECT -> "clients that connect";
        case REPLY -> rule.types().size() == 1 ? "replies to " + plural(type(rule)) : "replies";
      };
    }
    if (isOperation(rule.event())) {
      return rule.event().name() + " operations";
    }
    return listed(rule, true);
  }

  private static RequestType type(RequestRule rule) {
    return rule.types().iterator().next();
  }

  private static String listed(RequestRule rule, boolean plural) {
    if (rule.types().equals(RequestType.defaultTypes())) {
      return plural ? "requests" : "request";
    }
    List<String> words = new ArrayList<>();
    for (RequestType type : rule.types()) {
      words.add(plural ? plural(type) : noun(type));
    }
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  private static String noun(RequestType type) {
    return switch (type) {
      case WRITE_ZEROES -> "zero write";
      case BLOCK_STATUS -> "block status request";
      default -> type.wireName();
    };
  }

  private static String plural(RequestType type) {
    return noun(type) + (type == RequestType.FLUSH ? "es" : "s");
  }

  /** Which of many: {@code every write}, {@code the 3rd write}, {@code the first 2 writes}. */
  private static String choice(RuleFilter filter, boolean once, String one, String many) {
    long from = filter.occurrence();
    long times = once ? 1 : filter.times();
    boolean chance = filter.chance() < 100;
    if (chance || times == Long.MAX_VALUE) {
      return "every " + one + (from > 1 ? " from the " + ordinal(from) + " on" : "");
    }
    if (from == 1) {
      return times == 1 ? "the first " + one : "each of the first " + times + " " + many;
    }
    return times == 1
        ? "the " + ordinal(from) + " " + one
        : "each of the " + times + " " + many + " from the " + ordinal(from) + " on";
  }

  private static String chance(RuleFilter filter, boolean once) {
    if (filter.chance() >= 100) {
      return "";
    }
    long times = once ? 1 : filter.times();
    String most =
        times == Long.MAX_VALUE
            ? ""
            : times == 1 ? " and once" : " and " + times + " times at most";
    return ", with a chance of " + percent(filter) + " %" + most + ",";
  }

  static String percent(RuleFilter filter) {
    return String.valueOf(filter.chance()).replaceAll("\\.0$", "");
  }

  static String range(RuleFilter filter) {
    if (filter.range().isEmpty()) {
      return "";
    }
    RuleFilter.ByteRange range = filter.range().get();
    boolean sectors = range.offset() % SECTOR == 0;
    if (range.bytes() == Long.MAX_VALUE - range.offset()) {
      return " that touches "
          + (sectors ? "sector " + range.offset() / SECTOR : "byte " + range.offset())
          + " or any after it";
    }
    sectors &= range.bytes() % SECTOR == 0;
    long first = sectors ? range.offset() / SECTOR : range.offset();
    long last = first + (sectors ? range.bytes() / SECTOR : range.bytes()) - 1;
    String unit = sectors ? "sector" : "byte";
    return " that touches "
        + (first == last ? unit + " " + first : unit + "s " + first + " to " + last);
  }

  private static String pathOf(RuleFilter filter) {
    return filter.path().isPresent() ? " of " + filter.path().get() : "";
  }

  private static boolean isOperation(Event event) {
    return FileEvents.named(event.name()).isPresent();
  }

  // ---- what becomes of it

  private static String effect(RequestRule rule) {
    return switch (rule) {
      case InjectError error -> injectError(error);
      case Corrupt corrupt ->
          "gets "
              + (corrupt.bits() == 1 ? "1 bit" : corrupt.bits() + " bits")
              + " flipped, of a read only on the way to the caller";
      case TearWrite tear -> "reaches the medium only with " + torn(tear);
      case DropWrite _ -> "is acknowledged and never stored";
      case MisdirectWrite misdirect -> "lands " + target(misdirect);
      case StaleRead _ -> "returns what was there before the last write";
      case FailFlush flush ->
          switch (flush.mode()) {
            case DROP ->
                "fails with "
                    + error(flush.errno())
                    + ", and what it should have made durable never will be";
            case KEEP -> "fails with " + error(flush.errno()) + ", and the next one may succeed";
            case LIE -> "is said to have succeeded, and makes nothing durable";
          };
      case ConnectionFault fault -> connection(fault);
      case ShortTransfer transfer ->
          "moves "
              + (transfer.bytes().isPresent()
                  ? transfer.bytes().getAsLong() + " bytes at most"
                  : "half of its bytes")
              + " and says so";
      case BadBlocks _, CutPower _ -> throw new IllegalStateException("said otherwise");
    };
  }

  private static String injectError(InjectError rule) {
    List<String> steps = new ArrayList<>();
    rule.suspend().ifPresent(tag -> steps.add("waits until '" + tag + "' is resumed"));
    if (rule.delayNanos() > 0) {
      steps.add("waits " + duration(rule.delayNanos()));
    }
    if (!rule.fails()) {
      steps.add("passes" + (steps.isEmpty() ? ", whatever rules come after this" : ""));
    } else if (rule.when() == InjectError.When.AFTER) {
      steps.add("is done, but fails with " + error(rule.errno()) + " for the caller");
    } else {
      steps.add("fails with " + error(rule.errno()));
    }
    return String.join(", then ", steps);
  }

  private static String torn(TearWrite rule) {
    return tornPart(rule)
        + switch (rule.then()) {
          case SUCCESS -> ", and is acknowledged";
          case ERROR -> ", and fails with " + error(rule.errno());
          case POWER_CUT -> ", and the power goes";
        };
  }

  /** Which of its sectors a torn write stores. */
  static String tornPart(TearWrite rule) {
    return rule.sectors().isEmpty()
        ? "half of its sectors, "
            + switch (rule.part()) {
              case FIRST -> "the first ones";
              case LAST -> "the last ones";
              case RANDOM -> "any of them";
            }
        : switch (rule.part()) {
          case FIRST -> "the first " + these(rule.sectors().getAsLong());
          case LAST -> "the last " + these(rule.sectors().getAsLong());
          case RANDOM -> "any " + sectors(rule.sectors().getAsLong());
        };
  }

  private static String target(MisdirectWrite rule) {
    if (rule.to().isPresent()) {
      return "at sector " + rule.to().getAsLong() + " instead";
    }
    long by = rule.by().getAsLong();
    return sectors(Math.abs(by)) + (by > 0 ? " behind" : " before") + " where it should";
  }

  private static String survivors(CutPower rule) {
    return switch (rule.survivors().kind()) {
      case NONE -> "";
      case ALL -> ", and all that was written is left";
      case RANDOM -> ", and a random part of what was written since the last flush is left";
      case LISTED ->
          ", and of what was written since the last flush "
              + rule.survivors().toString().replace(",", ", ")
              + " is left";
    };
  }

  private static String connection(ConnectionFault rule) {
    return switch (rule.mode()) {
      case DROP_AFTER_HEADER -> "ends after its header, and with it the connection";
      case HALF_PAYLOAD -> "ends in the middle of its payload, and with it the connection";
      case WRONG_COOKIE -> "has the cookie of no request";
      case LATE_REPLY -> "comes " + duration(rule.delayNanos()) + " late";
      case REFUSE -> "is sent away";
    };
  }

  // ---- words

  static String sectors(long count) {
    return count == 1 ? "1 sector" : count + " sectors";
  }

  private static String these(long count) {
    return count == 1 ? "sector" : sectors(count);
  }

  private static String error(Errno errno) {
    return errno.name() + " (" + errno.text() + ")";
  }

  static String duration(long nanos) {
    if (nanos > 0 && nanos % 1_000_000_000 == 0) {
      return nanos / 1_000_000_000 + " s";
    }
    if (nanos > 0 && nanos % 1_000_000 == 0) {
      return nanos / 1_000_000 + " ms";
    }
    return nanos + " ns";
  }

  static String ordinal(long number) {
    boolean teen = number / 10 % 10 == 1;
    return number
        + (teen
            ? "th"
            : number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th");
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
