package io.faultdisk.cli.img;

import io.faultdisk.cli.tool.Refusal;
import java.util.List;

/** One command of the {@code img} tool. Used once, by one thread. */
interface ImgCommand {
  /** As typed. */
  String name();

  /** What may follow the name, for the overview in {@code --help}. */
  String synopsis();

  /**
   * Runs it; returns the exit code.
   *
   * @param args what follows the name
   * @throws Refusal if it cannot be done; the reason has been printed
   */
  int run(ImgSession session, List<String> args) throws Refusal;
}
