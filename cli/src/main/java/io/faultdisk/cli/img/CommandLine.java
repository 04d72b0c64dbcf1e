package io.faultdisk.cli.img;

import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.ObjectOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the command line of one command. Options that every command has ({@code --help}, {@code
 * --object}) and mistakes are dealt with here.
 *
 * <pre>{@code
 * CommandLine line = new CommandLine(session, "info", args, "f:U", OUTPUT_OPTION, ...);
 * for (int o = line.next(); o != CommandLine.END; o = line.next()) {
 *   switch (o) {
 *     case 'f' -> format = Optional.of(line.argument());
 *     ...
 *   }
 * }
 * String image = line.onlyImage();
 * }</pre>
 */
final class CommandLine {
  /** No further options. */
  static final int END = Getopt.END;

  /** {@code --output=human|json}. */
  static final int OUTPUT = 256;

  /** {@code --image-opts}. */
  static final int IMAGE_OPTS = 259;

  /** First code that a command may use for its own long options. */
  static final int OWN = 300;

  static final LongOption FORMAT_OPTION = LongOption.withArgument("format", 'f');
  static final LongOption OUTPUT_OPTION = LongOption.withArgument("output", OUTPUT);
  static final LongOption IMAGE_OPTS_OPTION = LongOption.flag("image-opts", IMAGE_OPTS);
  static final LongOption FORCE_SHARE_OPTION = LongOption.flag("force-share", 'U');

  private static final int OBJECT = 258;

  private final ImgSession session;
  private final Getopt options;
  private final boolean speaksItself;

  /**
   * Starts with the options.
   *
   * @param letters the short options without {@code h}, as {@link Getopt} wants them
   * @param longOptions the long options, without {@code --help} and {@code --object}
   */
  CommandLine(
      ImgSession session,
      String command,
      List<String> args,
      String letters,
      LongOption... longOptions) {
    this(session, command, args, letters, false, longOptions);
  }

  private CommandLine(
      ImgSession session,
      String command,
      List<String> args,
      String letters,
      boolean speaksItself,
      LongOption... longOptions) {
    List<LongOption> all = new ArrayList<>();
    all.add(LongOption.flag("help", 'h'));
    all.add(LongOption.withArgument("object", OBJECT));
    all.addAll(List.of(longOptions));
    this.session = session;
    this.speaksItself = speaksItself;
    this.options =
        new Getopt(
            command,
            args,
            (speaksItself ? "h" : ":h") + letters,
            all,
            message -> session.console().error(message));
  }

  /**
   * For the one command that leaves the messages about mistakes to the C library and then prints
   * the help as if nothing had happened.
   */
  static CommandLine speakingItself(
      ImgSession session,
      String command,
      List<String> args,
      String letters,
      LongOption... longOptions) {
    return new CommandLine(session, command, args, letters, true, longOptions);
  }

  /** The next option's letter or code, or {@link #END}. */
  int next() throws Refusal {
    while (true) {
      int option = options.next();
      switch (option) {
        case 'h' -> throw session.help();
        case OBJECT -> ObjectOption.add(session.objects(), session.console(), options.argument());
        case Getopt.MISSING_ARGUMENT ->
            throw session.misused("missing argument for option '" + options.culprit() + "'");
        case Getopt.MISTAKE -> {
          if (speaksItself) {
            throw session.help();
          }
          throw session.misused("unrecognized option '" + options.culprit() + "'");
        }
        default -> {
          return option;
        }
      }
    }
  }

  /** The argument of the option. */
  String argument() {
    return options.argument();
  }

  /** What is no option; after the last option. */
  List<String> operands() {
    return options.operands();
  }

  /** The one operand of commands that work on one image. */
  String onlyImage() throws Refusal {
    if (operands().size() != 1) {
      throw session.misused("Expecting one image file name");
    }
    return operands().get(0);
  }
}
