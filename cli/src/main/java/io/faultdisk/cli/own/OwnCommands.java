package io.faultdisk.cli.own;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.demo.DemoCommand;
import io.faultdisk.cli.explore.ExploreCommand;
import io.faultdisk.cli.top.TopCommand;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/** The commands of our own: parses with picocli, prints through the {@link Console}. */
public final class OwnCommands {
  /** What can be the first word, apart from options. */
  public static final Set<String> NAMES =
      Set.of("rules", "explore", "replay-log", "demo", "bench", "top", "completion", "help");

  private OwnCommands() {}

  /** Runs one; returns its exit code. */
  public static int run(List<String> args, Console console, Signals signals) {
    return commandLine(console, signals).execute(args.toArray(new String[0]));
  }

  static CommandLine commandLine(Console console, Signals signals) {
    CommandLine top = new CommandLine(new Overview());
    top.addSubcommand(IoListing.spec());
    top.addSubcommand(ImgListing.spec());
    top.addSubcommand(NbdListing.spec());
    top.addSubcommand(DaemonListing.spec());
    top.addSubcommand(new CommandLine(new RulesCommand()));
    top.addSubcommand(ExploreCommand.commandLine(console, signals));
    top.addSubcommand(new CommandLine(new ReplayLogCommand(console)));
    top.addSubcommand(DemoCommand.commandLine(console, signals));
    top.addSubcommand(new CommandLine(new BenchCommand()));
    top.addSubcommand(new CommandLine(new TopCommand(console, signals)));
    top.addSubcommand(new CommandLine(new CompletionCommand()));
    top.addSubcommand(new CommandLine.HelpCommand());
    top.setOut(new PrintWriter(new ConsoleWriter(console, false), true));
    top.setErr(new PrintWriter(new ConsoleWriter(console, true), true));
    top.setParameterExceptionHandler(
        (mistake, words) -> {
          CommandLine command = mistake.getCommandLine();
          console.report(
              String.valueOf(mistake.getMessage()),
              List.of("Try '" + command.getCommandSpec().qualifiedName() + " --help'."));
          return command.getCommandSpec().exitCodeOnInvalidInput();
        });
    top.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          throw exception instanceof RuntimeException unchecked
              ? unchecked
              : new IllegalStateException(exception);
        });
    return top;
  }

  /** Sends what a library prints to a console. */
  private static final class ConsoleWriter extends Writer {
    private final Console console;
    private final boolean errors;
    private final StringBuilder line = new StringBuilder();

    ConsoleWriter(Console console, boolean errors) {
      this.console = console;
      this.errors = errors;
    }

    @Override
    public void write(char[] text, int offset, int count) {
      for (int i = offset; i < offset + count; i++) {
        if (text[i] != '\n') {
          line.append(text[i]);
        } else {
          endLine();
        }
      }
    }

    private void endLine() {
      if (errors) {
        console.error(line.toString());
      } else {
        console.line(line.toString());
      }
      line.setLength(0);
    }

    @Override
    public void flush() {
      if (line.length() > 0 && !errors) {
        console.print(line.toString());
        line.setLength(0);
      }
    }

    @Override
    public void close() {
      flush();
    }
  }
}
