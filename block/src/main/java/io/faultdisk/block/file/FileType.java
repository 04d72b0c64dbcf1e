package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.List;
import java.util.Optional;

/**
 * The {@code file} driver: an image in a regular file.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c.
 */
public final class FileType implements DriverType, Creatable {
  @Override
  public String name() {
    return "file";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("file");
  }

  @Override
  public boolean needsFilename() {
    return true;
  }

  @Override
  public void parseFilename(String filename, Options options) {
    options.put("filename", FileNames.stripPrefix(filename, "file:"));
  }

  @Override
  public List<String> namingOptions() {
    return List.of("filename");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.string("filename"),
                OptionSpec.string("aio"),
                OptionSpec.number("aio-max-batch"),
                OptionSpec.string("locking"),
                OptionSpec.string("pr-manager"),
                OptionSpec.bool("drop-cache"),
                OptionSpec.bool("x-check-cache-dropped"));
    String filename = values.string("filename").orElse("");
    OpenFlags.Aio aio = opening.flags().aio();
    Optional<String> aioName = values.string("aio");
    if (aioName.isPresent()) {
      aio =
          OpenFlags.Aio.named(aioName.get())
              .orElseThrow(() -> new UsageException("invalid parameter value: " + aioName.get()));
    }
    boolean locking = locking(values.string("locking").orElse("auto"));
    Optional<String> manager = values.string("pr-manager");
    if (manager.isPresent()) {
      throw new UsageException("No persistent reservation manager with id '" + manager.get() + "'");
    }
    if (aio == OpenFlags.Aio.NATIVE && !opening.flags().direct()) {
      // Found only once the file is open, so a missing file is reported first.
      FileDriver.open(filename, opening.flags(), false, opening.turns()).close();
      throw new UsageException(
          "aio=native was specified, but it requires cache.direct=on, which was not specified.");
    }
    BlockDriver driver = FileDriver.open(filename, opening.flags(), locking, opening.turns());
    if (opening.flags().has(OpenFlags.Mode.TEMPORARY)) {
      FileDriver.unlink(filename);
    }
    return driver;
  }

  private static boolean locking(String mode) throws UsageException {
    return switch (mode) {
      case "on", "auto" -> true;
      case "off" -> false;
      default -> throw new UsageException("invalid parameter value: " + mode);
    };
  }

  @Override
  public List<CreateOption> createOptions() {
    return FileCreation.OPTIONS;
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    String path = filename.startsWith("file:") ? filename.substring("file:".length()) : filename;
    FileCreation.create(path, options, graph.messages());
  }
}
