package io.faultdisk.block.create;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.Options;
import java.util.List;
import java.util.Optional;

/**
 * Creates an image where something is there already, such as a device: it has to be large enough,
 * and loses its first sector. Stateless.
 *
 * <p>Source: the behaviour of QEMU 7.2, block.c.
 */
public final class ExistingTarget {
  private static final int SECTOR = 512;

  /** What a user may ask for. */
  public static final List<CreateOption> OPTIONS =
      List.of(
          CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"),
          CreateOption.of(
              "preallocation",
              CreateOption.Type.STRING,
              "Preallocation mode (allowed values: off)"));

  private ExistingTarget() {}

  /**
   * Does so.
   *
   * @param driver opens the file name
   */
  public static void create(String driver, BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    String mode = options.text("preallocation").orElse("off");
    if (Preallocation.named(mode).isEmpty()) {
      throw new UsageException("invalid parameter value: " + mode);
    }
    if (!mode.equals("off")) {
      throw new UsageException("Unsupported preallocation mode '" + mode + "'");
    }
    try (BlockBackend target = open(driver, graph, filename)) {
      target.truncate(options.number("size", 0), false, Preallocation.OFF);
      clearStart(target);
    }
  }

  private static BlockBackend open(String driver, BlockGraph graph, String filename)
      throws UsageException {
    Options options = new Options();
    options.put("driver", driver);
    try {
      return graph.open(Optional.of(filename), options, OpenFlags.TOOL.with(OpenFlags.Mode.RESIZE));
    } catch (UsageException e) {
      throw new UsageException(
          "Protocol driver '"
              + driver
              + "' does not support image creation, and opening the image failed: "
              + e.getMessage(),
          e.hints().toArray(new String[0]));
    }
  }

  private static void clearStart(BlockBackend target) throws BlockIoException {
    int bytes = (int) Math.min(target.length(), SECTOR);
    if (bytes == 0) {
      return;
    }
    try {
      target.writeZeroes(0, bytes, RequestFlags.MAY_UNMAP);
    } catch (BlockIoException e) {
      throw new BlockIoException(
          e.errno(), "Failed to clear the new image's first sector: " + e.reason());
    }
  }
}
