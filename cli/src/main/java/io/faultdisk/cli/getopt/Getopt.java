package io.faultdisk.cli.getopt;

import io.faultdisk.cli.getopt.LongOption.Argument;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command line as GNU {@code getopt_long} does, with its messages.
 *
 * <p>If the string of short options starts with {@code :} there are none of these messages: the
 * caller writes its own about the {@link #culprit()}. If it starts with {@code +} the first operand
 * ends the options. Both together are {@code +:}.
 *
 * <p>Options and operands may come in any order and {@code --} ends the options. Short options can
 * be bundled ({@code -zu}) and carry their argument ({@code -P1}); long ones can be abbreviated and
 * take {@code --name=value}. Mistakes are reported at once, one line each, and {@link #next()}
 * answers {@link #MISTAKE}; the caller then usually prints its usage and gives up.
 *
 * <pre>{@code
 * Getopt options = new Getopt("qemu-io", args, "hc:", longOptions, console::error);
 * for (int option = options.next(); option != Getopt.END; option = options.next()) {
 *   switch (option) {
 *     case 'c' -> commands.add(options.argument());
 *     ...
 *   }
 * }
 * List<String> operands = options.operands();
 * }</pre>
 *
 * <p>For one thread, used once. Source: observed with glibc 2.36. POSIXLY_CORRECT, {@code -W name}
 * and an option string that starts with {@code -} are not supported, nothing here needs them.
 */
public final class Getopt {
  /** No further options. */
  public static final int END = -1;

  /** A mistake, which has been reported. */
  public static final int MISTAKE = '?';

  /** An option without the argument it needs; only if mistakes are not reported. */
  public static final int MISSING_ARGUMENT = ':';

  private final String program;
  private final List<String> args;
  private final String shortOptions;
  private final List<LongOption> longOptions;
  private final Consumer<String> mistakes;
  private final boolean silent;
  private final boolean inOrder;

  /**
   * Options and their arguments in the order they came, then the operands: argv as getopt leaves
   * it.
   */
  private final List<String> used = new ArrayList<>();

  private final List<String> operands = new ArrayList<>();
  private int at;
  private int began;
  private String bundle = "";
  private @Nullable String argument;
  private boolean ended;

  /**
   * Starts reading.
   *
   * @param program what messages begin with
   * @param args the words after the program name
   * @param shortOptions the letters; {@code x:} needs an argument, {@code x::} may have one
   *     attached
   * @param longOptions the {@code --names}; may be empty
   * @param mistakes takes each message, without line break
   */
  public Getopt(
      String program,
      List<String> args,
      String shortOptions,
      List<LongOption> longOptions,
      Consumer<String> mistakes) {
    this.program = program;
    this.args = args;
    this.inOrder = shortOptions.startsWith("+");
    String letters = inOrder ? shortOptions.substring(1) : shortOptions;
    this.silent = letters.startsWith(":");
    this.shortOptions = silent ? letters.substring(1) : letters;
    this.longOptions = longOptions;
    this.mistakes = mistakes;
  }

  /** The next option's letter or code, {@link #MISTAKE}, or {@link #END}. */
  public int next() {
    argument = null;
    if (!bundle.isEmpty()) {
      return shortOption();
    }
    began = at;
    while (!ended && at < args.size()) {
      String word = args.get(at++);
      if (word.equals("--")) {
        used.add(word);
        ended = true;
      } else if (word.length() < 2 || word.charAt(0) != '-') {
        operands.add(word);
        ended = inOrder;
      } else if (word.startsWith("--") && !longOptions.isEmpty()) {
        used.add(word);
        return longOption(word.substring(2));
      } else {
        used.add(word);
        bundle = word.substring(1);
        return shortOption();
      }
    }
    while (at < args.size()) {
      operands.add(args.get(at++));
    }
    return END;
  }

  /** The argument of the option just answered; only for options that have one. */
  public String argument() {
    if (argument == null) {
      throw new IllegalStateException("this option has no argument");
    }
    return argument;
  }

  /** Whether the option just answered has an argument. */
  public boolean hasArgument() {
    return argument != null;
  }

  /**
   * The option just answered and its argument as they stand on the command line; nothing before it
   * may have been an operand.
   */
  public String asWritten() {
    return String.join(" ", args.subList(began, at));
  }

  /** Whether {@code --} has ended the options; complete after {@link #END}. */
  public boolean sawEndOfOptions() {
    return used.contains("--");
  }

  /** What is no option, in order; complete after {@link #END}. */
  public List<String> operands() {
    return operands;
  }

  /**
   * All words, options before operands: what a C program finds in argv afterwards. Complete after
   * {@link #END}.
   */
  public List<String> permuted() {
    List<String> all = new ArrayList<>(used);
    all.addAll(operands);
    return all;
  }

  /**
   * The word that a C program takes for the one with the mistake, {@code argv[optind - 1]}: what
   * stands before the next word to be looked at. In a bundle that has not been read to its end this
   * is the word before the bundle, where operands have moved to by then.
   */
  public String culprit() {
    if (bundle.isEmpty()) {
      return used.get(used.size() - 1);
    }
    if (!operands.isEmpty()) {
      return operands.get(operands.size() - 1);
    }
    return used.size() > 1 ? used.get(used.size() - 2) : program;
  }

  private int shortOption() {
    char letter = bundle.charAt(0);
    bundle = bundle.substring(1);
    int where = letter == ':' || letter == ';' ? -1 : shortOptions.indexOf(letter);
    if (where < 0) {
      return mistake("invalid option -- '" + letter + "'");
    }
    if (!isColon(where + 1)) {
      return letter;
    }
    if (!bundle.isEmpty()) {
      argument = bundle;
      bundle = "";
    } else if (!isColon(where + 2)) {
      if (at == args.size()) {
        return missing("option requires an argument -- '" + letter + "'");
      }
      argument = takeWord();
    }
    return letter;
  }

  private boolean isColon(int index) {
    return index < shortOptions.length() && shortOptions.charAt(index) == ':';
  }

  private int longOption(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    List<LongOption> candidates = candidates(name);
    if (candidates.isEmpty()) {
      return mistake("unrecognized option '--" + text + "'");
    }
    LongOption option = candidates.get(0);
    for (LongOption other : candidates) {
      if (!other.sameAs(option)) {
        return ambiguous(text, candidates);
      }
    }
    if (equals >= 0) {
      if (option.argument() == Argument.NONE) {
        return mistake("option '--" + option.name() + "' doesn't allow an argument");
      }
      argument = text.substring(equals + 1);
    } else if (option.argument() == Argument.REQUIRED) {
      if (at == args.size()) {
        return missing("option '--" + option.name() + "' requires an argument");
      }
      argument = takeWord();
    }
    return option.code();
  }

  /** The option of that name, or else all whose names begin so. */
  private List<LongOption> candidates(String name) {
    List<LongOption> found = new ArrayList<>(2);
    for (LongOption option : longOptions) {
      if (option.name().equals(name)) {
        return List.of(option);
      }
      if (option.name().startsWith(name)) {
        found.add(option);
      }
    }
    return found;
  }

  private int ambiguous(String text, List<LongOption> candidates) {
    StringBuilder message =
        new StringBuilder("option '--").append(text).append("' is ambiguous; possibilities:");
    for (LongOption option : candidates) {
      message.append(" '--").append(option.name()).append('\'');
    }
    return mistake(message.toString());
  }

  private String takeWord() {
    String word = args.get(at++);
    used.add(word);
    return word;
  }

  private int mistake(String message) {
    if (!silent) {
      mistakes.accept(program + ": " + message);
    }
    return MISTAKE;
  }

  private int missing(String message) {
    return silent ? MISSING_ARGUMENT : mistake(message);
  }
}
