package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;

/**
 * A driver whose image can be changed in ways that are otherwise settled when it is created. What
 * can be changed says its {@link AmendableType}.
 */
public interface Amendable {
  /**
   * Changes the image.
   *
   * @param options of those that the type declares; {@link CreateOptions#isGiven} tells which ones
   *     the user gave
   * @param force also where that may cut off access to the content ({@code --force})
   * @param progress told how far it is
   * @throws UsageException with the text for the user
   * @throws BlockIoException whose reason is the text for the user
   */
  void amend(CreateOptions options, boolean force, Progress progress)
      throws UsageException, BlockIoException;

  /** Told from time to time how far a long operation is. */
  interface Progress {
    /** {@code done} of {@code total} units, both in bytes or clusters as the format likes. */
    void at(long done, long total);
  }
}
