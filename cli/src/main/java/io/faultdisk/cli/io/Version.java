package io.faultdisk.cli.io;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;

/** What {@code --version} prints. */
final class Version {
  /** The release whose behaviour we follow; scripts look at this number. */
  private static final String QEMU = "7.2.22";

  private Version() {}

  static void print(Program program, Console console) {
    String own = io.faultdisk.cli.Version.text();
    if (program.isStandIn()) {
      console.line(program.name() + " version " + QEMU + " (faultdisk " + own + ")");
      console.line("This is faultdisk standing in for QEMU's tool of that name.");
    } else {
      console.line(program.name() + " version " + own);
      console.line("Commands and output as in qemu-io " + QEMU + ".");
    }
  }
}
