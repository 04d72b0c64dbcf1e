package io.faultdisk.cli.own;

import io.faultdisk.cli.nbd.NbdTool;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code nbd} as the overview and the shell completion show it. It never runs from here: its own
 * parser is faster and speaks as qemu-nbd does.
 */
final class NbdListing {
  private NbdListing() {}

  static CommandSpec spec() {
    return ToolListing.spec(
        "nbd",
        "Serves a disk image to NBD clients: the options of qemu-nbd.",
        NbdTool.longOptions(),
        NbdTool::choices);
  }
}
