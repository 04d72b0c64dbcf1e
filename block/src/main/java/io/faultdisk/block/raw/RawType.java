package io.faultdisk.block.raw;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.List;
import java.util.Optional;

/**
 * The {@code raw} format: the bytes of its {@code file}, or with {@code offset} and {@code size} a
 * window of them.
 *
 * <p>A raw image that was only guessed to be raw keeps its first sector from becoming another
 * format's header: such a write fails with EPERM, and the user is warned when it is opened.
 */
public final class RawType implements DriverType {
  @Override
  public String name() {
    return "raw";
  }

  @Override
  public Kind kind() {
    return Kind.FORMAT;
  }

  @Override
  public int probe(byte[] head, String filename) {
    return 0; // raw is what is left when nothing else fits
  }

  @Override
  public List<String> namingOptions() {
    return List.of("offset", "size");
  }

  @Override
  public boolean changesOnReopen() {
    return true;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    OptionValues values =
        opening.options().absorb(OptionSpec.size("offset"), OptionSpec.size("size"));
    RawWindow wanted =
        new RawWindow(
            values.size("offset", 0),
            values.has("size") ? Optional.of(values.size("size", 0)) : Optional.empty());
    ChildRole role = wanted.isWhole() ? ChildRole.FILTERED : ChildRole.DATA;
    Child file = opening.openChild("file", role, Optional.empty());
    if (opening.probed() && !opening.flags().readOnly()) {
      opening.warn(
          "WARNING: Image format was not specified for '"
              + file.node().filename()
              + "' and probing guessed raw.\n"
              + "         Automatically detecting the format is dangerous for raw images, write"
              + " operations on block 0 will be restricted.\n"
              + "         Specify the 'raw' format explicitly to remove the restrictions.");
    }
    wanted.checkAgainst(file.node().length());
    return new RawDriver(file, wanted, opening.probed());
  }
}
