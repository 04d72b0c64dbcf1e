package io.faultdisk.cli.explore;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code explore}: what can go wrong, all of it. */
@Command(
    name = "explore",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Records what a program does to a disk, then runs it again for every request that can fail,"
          + " and checks every state that a power cut may leave.",
      "",
      "Exit code 0: nothing broke; 1: something did, or it could not be explored; 2: wrong options;"
          + " 3: stopped before the end."
    },
    commandListHeading = "%nCommands:%n")
public final class ExploreCommand implements Runnable {
  @Spec CommandSpec spec;

  private ExploreCommand() {}

  /** The command and its subcommands. */
  public static CommandLine commandLine(Console console, Signals signals) {
    ExplorationRun run = new ExplorationRun(console, signals);
    CommandLine explore = new CommandLine(new ExploreCommand());
    explore.addSubcommand(new ExploreIoCommand(run));
    explore.addSubcommand(new ExploreRunCommand(run));
    explore.addSubcommand(new ExploreMergeCommand(run));
    return explore;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Missing command: io, run or merge");
  }
}
