package io.faultdisk.cli.tool;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Version;

/** What {@code --version} prints. */
public final class ToolVersion {
  /** The release whose behaviour we follow; scripts look at this number. */
  private static final String QEMU = "7.2.22";

  private ToolVersion() {}

  /** The release whose behaviour we follow. */
  public static String ofQemu() {
    return QEMU;
  }

  /**
   * Prints it.
   *
   * @param tool the QEMU tool that works so
   */
  public static void print(Program program, String tool, Console console) {
    String own = Version.text();
    if (program.isStandIn()) {
      console.line(program.name() + " version " + QEMU + " (faultdisk " + own + ")");
      console.line("This is faultdisk standing in for QEMU's tool of that name.");
    } else {
      console.line(program.name() + " version " + own);
      console.line("Commands and output as in " + tool + " " + QEMU + ".");
    }
  }
}
