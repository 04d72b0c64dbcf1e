package io.faultdisk.block.qcow2;

/** Placeholder: written by H1. */
final class Qcow2Driver {
  private Qcow2Driver() {}
}
