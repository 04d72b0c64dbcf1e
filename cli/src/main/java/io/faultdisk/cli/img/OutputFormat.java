package io.faultdisk.cli.img;

import io.faultdisk.cli.tool.Refusal;

/** For whom a command prints its results. */
enum OutputFormat {
  /** For people. */
  HUMAN,
  /** For programs. */
  JSON;

  /** The argument of {@code --output}. */
  static OutputFormat named(ImgSession session, String name) throws Refusal {
    return switch (name) {
      case "human" -> HUMAN;
      case "json" -> JSON;
      default -> throw session.failed("--output must be used with human or json as argument.");
    };
  }
}
