package io.faultdisk.block.format;

import io.faultdisk.block.BlockIoException;

/** A driver that can drop everything its image holds, so that the backing file shows through. */
public interface Emptyable {
  /** Drops all clusters; with internal snapshots these stay. */
  void makeEmpty() throws BlockIoException;
}
