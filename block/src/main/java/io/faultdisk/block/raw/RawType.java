package io.faultdisk.block.raw;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Measurable;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The {@code raw} format: the bytes of its {@code file}, or with {@code offset} and {@code size} a
 * window of them.
 *
 * <p>A raw image that was only guessed to be raw keeps its first sector from becoming another
 * format's header: such a write fails with EPERM, and the user is warned when it is opened.
 */
public final class RawType implements DriverType, Creatable, Measurable {
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
  public List<String> mutableOptions() {
    return List.of("offset", "size");
  }

  @Override
  public List<String> namingOptions() {
    return List.of("offset", "size");
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

  @Override
  public List<CreateOption> createOptions() {
    return List.of(CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"));
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    ImageCreation.createFile(graph, filename, options);
  }

  /** What is not stored counts all the same: raw images have no other way to say zero. */
  @Override
  public Measure measure(CreateOptions options, Optional<Node> source) throws UsageException {
    long bytes;
    try {
      bytes = source.isPresent() ? source.get().length() : sectors(options.number("size", 0));
    } catch (BlockIoException e) {
      throw new UsageException("Unable to get image size: " + e.reason());
    }
    return new Measure(bytes, bytes, OptionalLong.empty());
  }

  private static long sectors(long bytes) {
    return (bytes + 511) & -512;
  }
}
