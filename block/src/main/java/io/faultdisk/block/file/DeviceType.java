package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * The {@code host_device} driver: a block or character device. The name of a device stands for it
 * without any prefix.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c.
 */
public final class DeviceType implements DriverType, Creatable {
  private static final String NAME = "host_device";
  private static final int SECTOR = 512;
  private static final int FILE_TYPE = 0xF000;
  private static final int CHARACTER = 0x2000;
  private static final int BLOCK = 0x6000;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of(NAME);
  }

  @Override
  public boolean needsFilename() {
    return true;
  }

  @Override
  public boolean isDevice(String filename) {
    try {
      Path path = Path.of(filename);
      if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
        return false;
      }
      int type = (Integer) Files.getAttribute(path, "unix:mode") & FILE_TYPE;
      return type == CHARACTER || type == BLOCK;
    } catch (IOException | InvalidPathException e) {
      return false; // no such file: then it is whatever the name says
    }
  }

  @Override
  public void parseFilename(String filename, Options options) {
    options.put("filename", FileNames.stripPrefix(filename, NAME + ":"));
  }

  @Override
  public List<String> namingOptions() {
    return List.of("filename");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    return FileOpening.open(opening, FileKind.DEVICE);
  }

  @Override
  public List<CreateOption> createOptions() {
    return List.of(
        CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"),
        CreateOption.of(
            "preallocation", CreateOption.Type.STRING, "Preallocation mode (allowed values: off)"));
  }

  /** A device is there already: it has to be large enough, and loses its first sector. */
  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    String mode = options.text("preallocation").orElse("off");
    if (Preallocation.named(mode).isEmpty()) {
      throw new UsageException("invalid parameter value: " + mode);
    }
    if (!mode.equals("off")) {
      throw new UsageException("Unsupported preallocation mode '" + mode + "'");
    }
    try (BlockBackend device = openForCreation(graph, filename)) {
      device.truncate(options.number("size", 0), false, Preallocation.OFF);
      clearStart(device);
    }
  }

  private static BlockBackend openForCreation(BlockGraph graph, String filename)
      throws UsageException {
    Options options = new Options();
    options.put("driver", NAME);
    try {
      return graph.open(Optional.of(filename), options, OpenFlags.TOOL.with(OpenFlags.Mode.RESIZE));
    } catch (UsageException e) {
      throw new UsageException(
          "Protocol driver '"
              + NAME
              + "' does not support image creation, and opening the image failed: "
              + e.getMessage(),
          e.hints().toArray(new String[0]));
    }
  }

  private static void clearStart(BlockBackend device) throws BlockIoException {
    int bytes = (int) Math.min(device.length(), SECTOR);
    if (bytes == 0) {
      return;
    }
    try {
      device.writeZeroes(0, bytes, RequestFlags.MAY_UNMAP);
    } catch (BlockIoException e) {
      throw new BlockIoException(
          e.errno(), "Failed to clear the new image's first sector: " + e.reason());
    }
  }
}
