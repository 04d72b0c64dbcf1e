package io.faultdisk.cli.img;

import java.util.List;
import java.util.Optional;

/** All commands, by name. */
final class ImgCommands {
  /** In the order of the overview. */
  static final List<String> NAMES =
      List.of("bench", "commit", "compare", "convert", "dd", "info", "rebase");

  private ImgCommands() {}

  /** The command of that name. Only its class is loaded. */
  static Optional<ImgCommand> named(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "bench" -> new BenchCommand();
          case "commit" -> new CommitCommand();
          case "compare" -> new CompareCommand();
          case "convert" -> new ConvertCommand();
          case "dd" -> new DdCommand();
          case "rebase" -> new RebaseCommand();
          case "info" -> new InfoCommand();
          default -> null;
        });
  }
}
