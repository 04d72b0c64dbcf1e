package io.faultdisk.cli;

import io.faultdisk.rules.Dialect;

/**
 * Under which name a command runs.
 *
 * @param name what messages and the prompt begin with
 * @param dialect {@link Dialect#QEMU} if it stands in for QEMU's tool of that name and must refuse
 *     what that refuses
 */
public record Program(String name, Dialect dialect) {

  /** One of our own commands, {@code faultdisk NAME}. */
  static Program own(String command) {
    return new Program("faultdisk " + command, Dialect.FAULTDISK);
  }

  /** A drop-in for the QEMU tool of that name. */
  static Program standInFor(String tool) {
    return new Program(tool, Dialect.QEMU);
  }

  /** Whether it stands in for a QEMU tool. */
  public boolean isStandIn() {
    return dialect == Dialect.QEMU;
  }
}
