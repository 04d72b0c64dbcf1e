package io.faultdisk.cli.img;

import java.util.List;
import java.util.Optional;

/** All commands, by name. */
final class ImgCommands {
  /** In the order of the overview. */
  static final List<String> NAMES =
      List.of(
          "amend",
          "bench",
          "bitmap",
          "check",
          "commit",
          "compare",
          "convert",
          "create",
          "dd",
          "info",
          "map",
          "measure",
          "rebase",
          "resize",
          "snapshot");

  private ImgCommands() {}

  /** The command of that name. Only its class is loaded. */
  static Optional<ImgCommand> named(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "amend" -> new AmendCommand();
          case "bench" -> new BenchCommand();
          case "bitmap" -> new BitmapCommand();
          case "check" -> new CheckCommand();
          case "commit" -> new CommitCommand();
          case "compare" -> new CompareCommand();
          case "convert" -> new ConvertCommand();
          case "create" -> new CreateCommand();
          case "dd" -> new DdCommand();
          case "info" -> new InfoCommand();
          case "map" -> new MapCommand();
          case "measure" -> new MeasureCommand();
          case "rebase" -> new RebaseCommand();
          case "resize" -> new ResizeCommand();
          case "snapshot" -> new SnapshotCommand();
          default -> null;
        });
  }
}
