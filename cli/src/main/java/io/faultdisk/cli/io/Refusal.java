package io.faultdisk.cli.io;

/** A command failed and has already said so (or, like {@code flush}, says nothing on purpose). */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  Refusal() {
    super("refused", null, false, false);
  }
}
