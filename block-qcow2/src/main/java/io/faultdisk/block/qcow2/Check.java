package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable.Repair;
import java.util.function.Consumer;

/** Checks and repairs the metadata of an image. The caller holds the metadata lock. */
final class Check {
  private Check() {}

  static CheckResult run(Metadata metadata, Repair repair, Consumer<String> findings)
      throws BlockIoException {
    throw new UnsupportedOperationException("H3");
  }
}
