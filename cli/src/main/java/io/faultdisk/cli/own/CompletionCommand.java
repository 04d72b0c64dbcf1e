package io.faultdisk.cli.own;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: scripts for shells. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "SHELL",
    description = "Prints a script that completes faultdisk's commands and options in a shell.")
final class CompletionCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new picocli.CommandLine.ParameterException(spec.commandLine(), "Missing shell: bash");
  }

  @Command(
      name = "bash",
      mixinStandardHelpOptions = true,
      description = "For bash, and for zsh after 'autoload bashcompinit; bashcompinit'.",
      footer = {"", "Example, in ~/.bashrc:", "  source <(faultdisk completion bash)"})
  void bash() {
    String script = AutoComplete.bash("faultdisk", spec.root().commandLine());
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
  }
}
