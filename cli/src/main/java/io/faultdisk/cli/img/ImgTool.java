package io.faultdisk.cli.img;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.ToolVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code img} tool: reads the options before the command, then runs the command.
 *
 * <p>Used once, by one thread. Source: observed with qemu-img 7.2.
 */
public final class ImgTool {
  private static final String SHORT_OPTIONS = "+:hVT:";
  private static final List<LongOption> LONG_OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.flag("version", 'V'),
          LongOption.withArgument("trace", 'T'));

  private final Program program;
  private final Console console;

  /** The tool under a name. */
  public ImgTool(Program program, Console console) {
    this.program = program;
    this.console = console;
  }

  /** Does everything; returns the exit code. Standard output may still hold something back. */
  public int run(List<String> args) {
    try (ImgSession session = new ImgSession(program, console)) {
      if (args.isEmpty()) {
        throw session.misused("Not enough arguments");
      }
      Getopt options =
          new Getopt(program.name(), args, SHORT_OPTIONS, LONG_OPTIONS, console::error);
      for (int o = options.next(); o != Getopt.END; o = options.next()) {
        switch (o) {
          case 'h' -> throw session.help();
          case 'V' -> {
            ToolVersion.print(program, "qemu-img", console);
            return 0;
          }
          case Getopt.MISSING_ARGUMENT ->
              throw session.misused("missing argument for option '" + options.culprit() + "'");
          case Getopt.MISTAKE ->
              throw session.misused("unrecognized option '" + options.culprit() + "'");
          default -> {} // -T: there is nothing to trace
        }
      }
      List<String> words = options.operands();
      return words.isEmpty() ? 0 : run(session, words.get(0), words.subList(1, words.size()));
    } catch (Refusal said) {
      return said.exitCode();
    }
  }

  /** What may follow the name of each command, by name. */
  public static Map<String, String> synopses() {
    Map<String, String> synopses = new LinkedHashMap<>();
    for (String name : ImgCommands.NAMES) {
      ImgCommands.named(name).ifPresent(command -> synopses.put(name, command.synopsis()));
    }
    return synopses;
  }

  private static int run(ImgSession session, String name, List<String> args) throws Refusal {
    Optional<ImgCommand> command = ImgCommands.named(name);
    if (command.isEmpty()) {
      throw session.misused("Command not found: " + name);
    }
    return command.get().run(session, args);
  }
}
