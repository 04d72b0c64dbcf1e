package io.faultdisk.cli.demo;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.demo.h2.H2Demo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code demo}: real programs, explored. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "NAME",
    description = {
      "Explores real programs and prints what was found.",
      "",
      "Exit code 0: it ran, whatever it found; 1: it could not; 2: something it needs is missing."
    },
    commandListHeading = "%nDemos:%n")
public final class DemoCommand implements Runnable {
  @Spec CommandSpec spec;

  private DemoCommand() {}

  /** The command and its demos. */
  public static CommandLine commandLine(Console console, Signals signals) {
    DemoRun run = new DemoRun(console, signals);
    CommandLine demo = new CommandLine(new DemoCommand());
    demo.addSubcommand(new SqliteDemo(run));
    demo.addSubcommand(new FileSystemsDemo(run));
    demo.addSubcommand(new PostgresDemo(run));
    demo.addSubcommand(new H2Demo(console));
    demo.addSubcommand(new GuestDemo(run));
    return demo;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Missing name: sqlite, filesystems, postgres, h2 or guest");
  }
}
