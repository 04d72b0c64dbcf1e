package io.faultdisk.cli.io;

import io.faultdisk.cli.tool.Refusal;

/** One command of the tool. Stateless. */
interface Command {

  /** What it is called and takes. */
  Spec spec();

  /**
   * Does it. The number of words has been checked against the {@link #spec()}, and an image is open
   * if it needs one.
   *
   * @throws Refusal if it failed, after it has said why
   */
  void run(Session session, Words words) throws Refusal;

  /** Lines that {@code help NAME} prints below the usage line; empty if that line says it all. */
  default String help() {
    return "";
  }
}
