package io.faultdisk.block.format;

import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import java.util.Optional;

/** A driver whose image can be given another backing file name. */
public interface BackingChangeable {
  /**
   * Writes the new name into the image; the graph is not changed. EINVAL, ENOSPC or an I/O error.
   */
  void changeBacking(Optional<BackingReference> backing) throws BlockIoException;
}
