package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.options.Options;
import java.util.List;

/** A driver whose image can be changed in ways that are otherwise settled when it is created. */
public interface Amendable {
  /** The options that {@link #amend} takes, in the order of declaration. */
  List<CreateOption> amendOptions();

  /**
   * Changes the image.
   *
   * @param options only those that the user gave, by name
   * @param progress told how far it is
   */
  void amend(Options options, Progress progress) throws UsageException, BlockIoException;

  /** Told from time to time how far a long operation is. */
  interface Progress {
    /** {@code done} of {@code total} units, both in bytes or clusters as the format likes. */
    void at(long done, long total);
  }
}
