package io.faultdisk.cli.own;

import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.io.IoTool;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * {@code io} as the overview and the shell completion show it. It never runs from here: its own
 * parser is faster and speaks as qemu-io does.
 */
final class IoListing {
  private IoListing() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("io");
    spec.usageMessage().description("Sends requests to a disk image: the command set of qemu-io.");
    for (LongOption option : IoTool.longOptions()) {
      boolean hasArgument = option.argument() != LongOption.Argument.NONE;
      OptionSpec.Builder builder =
          option.code() < 128
              ? OptionSpec.builder("-" + (char) option.code(), "--" + option.name())
              : OptionSpec.builder("--" + option.name());
      spec.addOption(
          builder
              .arity(hasArgument ? "1" : "0")
              .type(hasArgument ? String.class : boolean.class)
              .completionCandidates(IoTool.choices(option.name()))
              .build());
    }
    spec.addPositional(
        PositionalParamSpec.builder().paramLabel("IMAGE").type(java.io.File.class).build());
    return spec;
  }
}
