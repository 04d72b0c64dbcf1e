package io.faultdisk.cli.own;

import io.faultdisk.cli.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code faultdisk} itself: what there is. */
@Command(
    name = "faultdisk",
    mixinStandardHelpOptions = true,
    versionProvider = Overview.OwnVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Fails exactly the disk requests you name.%n",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "'faultdisk COMMAND --help' tells more about one of them.",
      "",
      "Example: the rules in a file decide which of two reads of a disk image fails:",
      "  faultdisk io -f raw -c 'read 0 4k' -c 'read 0 4k' blkdebug:RULES:IMAGE"
    })
final class Overview implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
  }

  /** {@code --version}. */
  static final class OwnVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"faultdisk " + Version.text()};
    }
  }
}
