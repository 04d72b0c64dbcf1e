package io.faultdisk.cli.img;

import java.util.List;
import java.util.Optional;

/** All commands, by name. */
final class ImgCommands {
  /** In the order of the overview. */
  static final List<String> NAMES = List.of("info");

  private ImgCommands() {}

  /** The command of that name. Only its class is loaded. */
  static Optional<ImgCommand> named(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "info" -> new InfoCommand();
          default -> null;
        });
  }
}
