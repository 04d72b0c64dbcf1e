package io.faultdisk.explore.disk;

import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;

/** The driver of one run's disk. */
final class MediumType implements DriverType {
  static final String NAME = "explorer-disk";

  private final DiskRun run;

  MediumType(DiskRun run) {
    this.run = run;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public BlockDriver open(Opening opening) {
    return new MediumDriver(run);
  }
}
