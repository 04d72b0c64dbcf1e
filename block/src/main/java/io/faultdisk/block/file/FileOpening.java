package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.Optional;

/** Opens files and devices: the options are the same. */
final class FileOpening {
  private FileOpening() {}

  static BlockDriver open(Opening opening, FileKind kind) throws UsageException, BlockIoException {
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
    OpenFlags flags = opening.flags();
    OpenFlags.Aio aio = flags.aio();
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
    if (aio == OpenFlags.Aio.NATIVE && !flags.direct()) {
      // Found only once the file is open, so a missing file is reported first.
      FileDriver.open(kind, filename, flags, false, opening.turns()).close();
      throw new UsageException(
          "aio=native was specified, but it requires cache.direct=on, which was not specified.");
    }
    BlockDriver driver = FileDriver.open(kind, filename, flags, locking, opening.turns());
    if (flags.has(OpenFlags.Mode.TEMPORARY)) {
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
}
