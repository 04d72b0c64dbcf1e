package io.faultdisk.cli.own;

import io.faultdisk.cli.daemon.DaemonTool;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code daemon} as the overview and the shell completion show it. It never runs from here: its own
 * parser speaks as qemu-storage-daemon does.
 */
final class DaemonListing {
  private DaemonListing() {}

  static CommandSpec spec() {
    return ToolListing.spec(
        "daemon",
        "Holds and serves images under live control (QMP): the options of qemu-storage-daemon.",
        DaemonTool.longOptions(),
        DaemonTool::choices);
  }
}
