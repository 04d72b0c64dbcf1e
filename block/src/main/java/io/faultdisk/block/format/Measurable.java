package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import java.util.Optional;
import java.util.OptionalLong;

/** A {@link io.faultdisk.block.DriverType} that can say how large an image would become. */
public interface Measurable {
  /**
   * How large a new image would become.
   *
   * @param options as for {@link Creatable#create}
   * @param source the image to convert; if absent {@code size} of the options counts
   */
  Measure measure(CreateOptions options, Optional<Node> source)
      throws UsageException, BlockIoException;

  /**
   * File sizes in bytes.
   *
   * @param required holding the source's data
   * @param fullyAllocated once all of it was written
   * @param bitmaps more for the source's persistent bitmaps, if it can have some
   */
  record Measure(long required, long fullyAllocated, OptionalLong bitmaps) {}
}
