package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import java.util.List;

/** A {@link io.faultdisk.block.DriverType} that can make new images. */
public interface Creatable {
  /** What {@code -o} takes, in the order in which the {@code Formatting} line shows it. */
  List<CreateOption> createOptions();

  /**
   * Makes an image; an existing one of that name is overwritten.
   *
   * @param graph opens what has to be opened; everything is closed again
   * @param filename where, as for opening
   * @param options its own options and those of the protocol below
   * @throws UsageException with the text for the user
   * @throws BlockIoException an I/O error; its reason is the text for the user
   */
  void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException;
}
