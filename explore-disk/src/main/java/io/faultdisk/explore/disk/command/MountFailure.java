package io.faultdisk.explore.disk.command;

/** A disk cannot be mounted, or what is needed for that does not work. */
final class MountFailure extends Exception {
  private static final long serialVersionUID = 1L;

  MountFailure(String message) {
    super(message);
  }
}
