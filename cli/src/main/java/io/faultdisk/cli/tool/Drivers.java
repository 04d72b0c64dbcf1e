package io.faultdisk.cli.tool;

import io.faultdisk.block.DriverType;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import java.util.List;
import java.util.Optional;

/** The drivers that an image can be made of. */
public final class Drivers {
  private Drivers() {}

  /** All of them; {@code blkdebug} reads rule files in that dialect. */
  public static List<DriverType> all(Dialect dialect) {
    return List.of(
        new FileType(),
        new RawType(),
        new Qcow2Type(),
        new BlkdebugType(dialect, Optional.empty()),
        new NullType(),
        new MemoryType());
  }
}
