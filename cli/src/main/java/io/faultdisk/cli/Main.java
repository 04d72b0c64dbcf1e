package io.faultdisk.cli;

import io.faultdisk.cli.daemon.DaemonTool;
import io.faultdisk.cli.img.ImgTool;
import io.faultdisk.cli.io.IoTool;
import io.faultdisk.cli.nbd.NbdTool;
import io.faultdisk.cli.own.OwnCommands;
import io.faultdisk.cli.tool.Startup;
import io.faultdisk.rules.Dialect;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The way in. The first word says which command: {@code io}, {@code img}, {@code nbd}, one of our
 * own ({@code rules}, {@code completion}, {@code --help}, ...), or the name of a QEMU tool that we
 * stand in for ({@code qemu-io}, {@code qemu-img}, {@code qemu-nbd}).
 *
 * <p>Exit codes: what the command says; 1 if one of our own could not print what it has to say (the
 * others say nothing of that, as QEMU's tools); 2 for a command that does not exist; 70 for an
 * error inside faultdisk, which prints one line and, with {@code -Dfaultdisk.debug=true}, where it
 * happened.
 */
public final class Main {
  private static final int NO_SUCH_COMMAND = 2;
  private static final int INTERNAL_ERROR = 70;

  /** What the JVM makes of bytes that are no UTF-8. */
  private static final char NO_CHARACTER = '\ufffd';

  /** EPIPE: who reads what a command prints may stop when there is enough. */
  private static final String READER_GONE = "Broken pipe";

  private static final Set<String> TOOLS = Set.of("io", "img", "nbd", "daemon");

  private Main() {}

  /** Runs a command in this process and exits with its exit code. */
  public static void main(String[] args) {
    int code = run(List.of(args), Stdio.ofProcess(), Signals.ofProcess(), Stdio.outIsTerminal());
    Startup.ended(code);
    System.exit(code);
  }

  /**
   * Runs a command; returns its exit code. May be called again and again, also by several threads
   * at once.
   *
   * @param args the command and its arguments
   */
  public static int run(List<String> args, Stdio stdio) {
    return run(args, stdio, Signals.simulated(), false);
  }

  private static int run(List<String> args, Stdio stdio, Signals signals, boolean eager) {
    String command = args.isEmpty() ? "" : args.get(0);
    if (args.size() == 2 && command.equals("help") && TOOLS.contains(args.get(1))) {
      return run(List.of(args.get(1), "--help"), stdio, signals, eager);
    }
    Program program =
        switch (command) {
          case "qemu-io", "qemu-img", "qemu-nbd", "qemu-storage-daemon" ->
              Program.standInFor(command);
          case "io", "img", "nbd", "daemon" -> Program.own(command);
          default -> new Program("faultdisk", Dialect.FAULTDISK);
        };
    Console console = new Console(program.name(), stdio, eager);
    try {
      for (String word : args) {
        if (word.indexOf(NO_CHARACTER) >= 0) {
          // It would name another file than the one that is meant.
          console.report(
              "'" + word + "' is not UTF-8: rename the file, or link to it under another name");
          return 1;
        }
      }
      int code =
          switch (command) {
            case "qemu-io", "io" ->
                new IoTool(program, console, signals).run(args.subList(1, args.size()));
            case "qemu-img", "img" ->
                new ImgTool(program, console).run(args.subList(1, args.size()));
            case "qemu-nbd", "nbd" ->
                new NbdTool(program, console, signals).run(args.subList(1, args.size()));
            case "qemu-storage-daemon", "daemon" ->
                new DaemonTool(program, console, signals).run(args.subList(1, args.size()));
            default -> ownCommand(console, signals, command, args);
          };
      return code == 0 && console.unmet() ? 1 : code;
    } catch (Signals.Killed killed) {
      return killed.exitCode();
    } catch (RuntimeException | Error bug) {
      report(console, bug);
      return INTERNAL_ERROR;
    } finally {
      console.flush();
    }
  }

  private static int ownCommand(
      Console console, Signals signals, String command, List<String> args) {
    if (command.isEmpty()) {
      console.error("Usage: faultdisk COMMAND [ARGUMENTS]");
      console.error("Try 'faultdisk --help'.");
      return NO_SUCH_COMMAND;
    }
    if (!command.startsWith("-") && !OwnCommands.NAMES.contains(command)) {
      console.report("there is no command '" + command + "'");
      console.error("'faultdisk --help' lists the commands.");
      return NO_SUCH_COMMAND;
    }
    int code = OwnCommands.run(args, console, signals);
    console.flush();
    Optional<String> lost = console.lost().filter(why -> !why.equals(READER_GONE));
    lost.ifPresent(why -> console.report("write error: " + why));
    return code == 0 && lost.isPresent() ? 1 : code;
  }

  private static void report(Console console, Throwable bug) {
    StackTraceElement[] trace = bug.getStackTrace();
    console.flush();
    console.report(
        "internal error: "
            + bug
            + (trace.length > 0 ? " at " + trace[0] : "")
            + "; please report it together with what you typed"
            + " (-Dfaultdisk.debug=true in JAVA_TOOL_OPTIONS shows more)");
    if (Boolean.getBoolean("faultdisk.debug")) {
      StringWriter text = new StringWriter();
      bug.printStackTrace(new PrintWriter(text));
      console.error(text.toString());
    }
  }
}
