package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.options.Options;

/**
 * A {@link io.faultdisk.block.DriverType} that can make images on nodes that are open already, as
 * {@code blockdev-create} does. Unlike {@link Creatable} it makes no files on the way.
 */
public interface BlockdevCreatable {
  /**
   * Makes an image.
   *
   * @param graph where the nodes are
   * @param options flattened, without the driver; children are names of nodes; all are taken out
   * @throws UsageException with the text for the user
   * @throws BlockIoException an I/O error; its reason is the text for the user
   */
  void create(BlockGraph graph, Options options) throws UsageException, BlockIoException;
}
