package io.faultdisk.cli.tool;

/** A command failed and has already said so (or, like {@code flush}, says nothing on purpose). */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /** The usual failure. */
  public Refusal() {
    this(1);
  }

  /** An end with an exit code of its own; 0 for {@code --help}. */
  public Refusal(int exitCode) {
    super("refused", null, false, false);
    this.exitCode = exitCode;
  }

  /** For a tool whose exit code tells what went wrong. */
  public int exitCode() {
    return exitCode;
  }
}
