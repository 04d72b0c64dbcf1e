package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.create.ExistingTarget;
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
 * without any prefix. {@code host_cdrom} is the same for a drive that has to be named.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c.
 */
public final class DeviceType implements DriverType, Creatable {
  private static final int FILE_TYPE = 0xF000;
  private static final int CHARACTER = 0x2000;
  private static final int BLOCK = 0x6000;

  private final FileKind kind;

  private DeviceType(FileKind kind) {
    this.kind = kind;
  }

  /** Any device. */
  public static DeviceType device() {
    return new DeviceType(FileKind.DEVICE);
  }

  /** A drive for optical discs. */
  public static DeviceType cdrom() {
    return new DeviceType(FileKind.CDROM);
  }

  @Override
  public String name() {
    return kind.driver();
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of(name());
  }

  @Override
  public boolean needsFilename() {
    return true;
  }

  @Override
  public boolean isDevice(String filename) {
    if (kind != FileKind.DEVICE) {
      return false;
    }
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
    options.put("filename", FileNames.stripPrefix(filename, name() + ":"));
  }

  @Override
  public List<String> namingOptions() {
    return List.of("filename");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    return FileOpening.open(opening, kind);
  }

  @Override
  public List<CreateOption> createOptions() {
    return ExistingTarget.OPTIONS;
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    ExistingTarget.create(name(), graph, filename, options);
  }
}
