package io.faultdisk.cli.own;

import io.faultdisk.cli.io.IoTool;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code io} as the overview and the shell completion show it. It never runs from here: its own
 * parser is faster and speaks as qemu-io does.
 */
final class IoListing {
  private IoListing() {}

  static CommandSpec spec() {
    return ToolListing.spec(
        "io",
        "Sends requests to a disk image: the command set of qemu-io.",
        IoTool.longOptions(),
        IoTool::choices);
  }
}
