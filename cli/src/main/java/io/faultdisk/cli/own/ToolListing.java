package io.faultdisk.cli.own;

import io.faultdisk.cli.getopt.LongOption;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command with a parser of its own, described to the command line library. */
final class ToolListing {
  private ToolListing() {}

  /**
   * The description.
   *
   * @param choices the words that the argument of a long option can be; empty if it can be anything
   */
  static CommandSpec spec(
      String name,
      String description,
      List<LongOption> options,
      Function<String, List<String>> choices) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    for (LongOption option : options) {
      boolean hasArgument = option.argument() != LongOption.Argument.NONE;
      OptionSpec.Builder builder =
          option.code() < 128
              ? OptionSpec.builder("-" + (char) option.code(), "--" + option.name())
              : OptionSpec.builder("--" + option.name());
      spec.addOption(
          builder
              .arity(hasArgument ? "1" : "0")
              .type(hasArgument ? String.class : boolean.class)
              .completionCandidates(choices.apply(option.name()))
              .build());
    }
    spec.addPositional(
        PositionalParamSpec.builder().paramLabel("IMAGE").type(java.io.File.class).build());
    return spec;
  }
}
