package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.format.BitmapCommands;
import io.faultdisk.block.format.BitmapStore;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.OptionString;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * The image that {@code convert} makes, up to making it: which options it has, and what they do not
 * go with. With {@code -n} there is nothing to make, but some of the checks remain.
 *
 * <p>For one thread, used once. Source: order of checks as in QEMU 7.2, qemu-img.c.
 */
final class NewImage {
  private static final String BACKING_FILE = "backing_file";
  private static final String BACKING_FORMAT = "backing_fmt";

  private final ImgSession session;
  private final ConvertArguments arguments;
  private final ImageCreation creation;
  private Optional<CreateOptions> options = Optional.empty();
  private boolean hasBacking;

  NewImage(ImgSession session, ConvertArguments arguments) {
    this.session = session;
    this.arguments = arguments;
    this.creation = session.creation();
  }

  /** Whether the options only ask for help, which is then printed. */
  boolean showsHelp() throws Refusal {
    if (!arguments.options.text().map(OptionString::wantsHelp).orElse(false)) {
      return false;
    }
    if (arguments.newFormat.isEmpty()) {
      throw session.failed("Option help requires a format be specified");
    }
    try {
      creation
          .optionHelp(arguments.newFormat.get(), arguments.target())
          .forEach(session.console()::line);
    } catch (UsageException refused) {
      throw session.failed(refused);
    }
    return true;
  }

  /**
   * Works out the options; false if there is nothing to do although something is wrong, which has
   * been said.
   */
  boolean settle(List<ConvertSource> sources) throws Refusal {
    if (!arguments.skipCreate) {
      options = Optional.of(options(sources.getLast().end() * SectorScan.SECTOR));
    }
    Optional<String> backing = options.flatMap(all -> all.text(BACKING_FILE));
    hasBacking = backing.isPresent() || arguments.backing.isPresent();
    if (arguments.settings().zeroTarget() && hasBacking) {
      session
          .console()
          .report("Cannot use --target-is-zero when the destination image has a backing file");
      return false; // the real tool forgets to fail
    }
    if (sources.size() > 1 && hasBacking) {
      throw session.failed(
          "Having a backing file for the target makes no sense when concatenating multiple input"
              + " images");
    }
    if (backing.isPresent() && options.flatMap(all -> all.text(BACKING_FORMAT)).isEmpty()) {
      throw session.failed("Use of backing file requires explicit backing format");
    }
    if (arguments.compressed) {
      refuseCompression();
    }
    if (arguments.bitmaps) {
      checkBitmaps(sources);
    }
    return true;
  }

  private CreateOptions options(long size) throws Refusal {
    String format = arguments.newFormat.orElse("raw");
    try {
      CreateOptions all = creation.options(format, arguments.target().orElse(""));
      if (arguments.options.text().isPresent()) {
        all.parse(arguments.options.text().get(), session::warn);
      }
      all.set("size", size);
      if (arguments.backing.isPresent()) {
        refuse(
            !all.knows(BACKING_FILE),
            "Backing file not supported for file format '" + format + "'");
        all.set(BACKING_FILE, arguments.backing.get());
      }
      if (arguments.backingFormat.isPresent()) {
        refuse(
            !all.knows(BACKING_FORMAT),
            "Backing file format not supported for file format '" + format + "'");
        all.set(BACKING_FORMAT, arguments.backingFormat.get());
      }
      return all;
    } catch (UsageException refused) {
      throw session.failed(refused);
    }
  }

  private void refuse(boolean condition, String message) throws Refusal {
    if (condition) {
      throw session.failed(message);
    }
  }

  private void refuseCompression() throws Refusal {
    if (options.isEmpty()) {
      return;
    }
    CreateOptions all = options.get();
    Optional<DriverType> type = session.graph().type(arguments.newFormat.orElse("raw"));
    refuse(
        type.isPresent() && !type.get().writesCompressed(),
        "Compression not supported for this file format");
    refuse(
        (all.knows("encryption") && all.bool("encryption", false))
            || (all.knows("encrypt.format") && all.text("encrypt.format").isPresent()),
        "Compression and encryption not supported at the same time");
    refuse(
        all.knows("preallocation") && !all.text("preallocation").orElse("off").equals("off"),
        "Compression and preallocation not supported at the same time");
  }

  private void checkBitmaps(List<ConvertSource> sources) throws Refusal {
    refuse(sources.size() > 1, "Copying bitmaps only possible with single source");
    Node source = sources.get(0).image().root();
    refuse(
        !(source.driver() instanceof BitmapStore store && store.storesBitmaps()),
        "Source lacks bitmap support");
    Optional<DirtyBitmap> broken = new BitmapCommands(source).firstInconsistent();
    if (broken.isPresent() && !arguments.skipBroken) {
      session
          .console()
          .report(
              "Cannot copy inconsistent bitmap '" + broken.get().name() + "'",
              List.of("Try --skip-broken-bitmaps, or use 'qemu-img bitmap --remove' to delete it"));
      throw new Refusal();
    }
  }

  /** Whether what is not written shows a backing file. */
  boolean hasBacking() {
    return hasBacking;
  }

  /** Makes the image, unless that is not wanted. */
  void create() throws Refusal {
    if (options.isEmpty()) {
      return;
    }
    String name = arguments.target().orElse("");
    String format = arguments.newFormat.orElse("raw");
    String prefix = name + ": error while converting " + format + ": ";
    try {
      creation.create(format, name, options.get());
    } catch (UsageException refused) {
      throw session.failed(prefix, refused);
    } catch (BlockIoException e) {
      throw session.failed(prefix + e.reason());
    }
  }
}
