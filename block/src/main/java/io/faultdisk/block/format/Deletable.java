package io.faultdisk.block.format;

import io.faultdisk.block.BlockIoException;

/** A driver whose image can be removed from where it is stored. */
public interface Deletable {
  /** Removes the image's name; the node that is open stays usable. */
  void delete() throws BlockIoException;
}
