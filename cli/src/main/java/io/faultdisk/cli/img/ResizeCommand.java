package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.options.OptionText;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** {@code resize}: changes the size of the disk that an image holds. */
final class ResizeCommand implements ImgCommand {
  private static final int PREALLOCATION = CommandLine.OWN;
  private static final int SHRINK = CommandLine.OWN + 1;

  @Override
  public String name() {
    return "resize";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-f fmt] [--preallocation=prealloc] [-q]"
        + " [--shrink] filename [+ | -]size";
  }

  /**
   * The size as the user wants it.
   *
   * @param sign 1 to add to the current size, -1 to take from it, 0 to replace it
   */
  private record Wanted(int sign, long bytes, boolean mayShrink, Preallocation preallocation) {
    long total(long current) {
      return sign == 0 ? bytes : current + sign * bytes;
    }
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    // The size is taken off first: a negative one would look like an option.
    if (args.size() < 2) {
      throw session.misused("Not enough arguments");
    }
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args.subList(0, args.size() - 1),
            "f:q",
            CommandLine.IMAGE_OPTS_OPTION,
            LongOption.withArgument("preallocation", PREALLOCATION),
            LongOption.flag("shrink", SHRINK));
    Optional<String> format = Optional.empty();
    Preallocation preallocation = Preallocation.OFF;
    boolean quiet = false;
    boolean imageOptions = false;
    boolean shrink = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'q' -> quiet = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        case PREALLOCATION -> {
          Optional<Preallocation> named = Preallocation.named(line.argument());
          if (named.isEmpty()) {
            throw session.failed("Invalid preallocation mode '" + line.argument() + "'");
          }
          preallocation = named.get();
        }
        case SHRINK -> shrink = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    if (line.operands().size() != 1) {
      throw session.misused("Expecting image file name and size");
    }
    ImageSource image = new ImageSource(line.operands().get(0), format, imageOptions, false);
    Wanted wanted = wanted(session, args.get(args.size() - 1), shrink, preallocation);
    OpenFlags flags = ImageSource.WRITE.with(OpenFlags.Mode.RESIZE);
    try (BlockBackend opened = image.open(session, flags)) {
      resize(session, opened, wanted);
      if (!quiet) {
        session.console().line("Image resized.");
      }
    }
    return 0;
  }

  private static Wanted wanted(
      ImgSession session, String size, boolean shrink, Preallocation preallocation) throws Refusal {
    int sign = size.startsWith("+") ? 1 : size.startsWith("-") ? -1 : 0;
    try {
      long bytes =
          OptionText.size(
              "size",
              sign == 0 ? size : size.substring(1),
              warning -> session.console().warn(warning.message()));
      return new Wanted(sign, bytes, shrink, preallocation);
    } catch (UsageException refused) {
      throw session.failed(refused);
    }
  }

  private static void resize(ImgSession session, BlockBackend image, Wanted wanted) throws Refusal {
    long current = length(session, image);
    long total = wanted.total(current);
    if (total <= 0) {
      throw session.failed("New image size must be positive");
    }
    if (total <= current && wanted.preallocation() != Preallocation.OFF) {
      throw session.failed("Preallocation can only be used for growing images");
    }
    if (total < current && !wanted.mayShrink()) {
      Refusal refusal = session.failed("Use the --shrink option to perform a shrink operation.");
      session
          .console()
          .warn(
              "Shrinking an image will delete all data beyond the shrunken image's end."
                  + " Before performing such an operation,"
                  + " make sure there is no important data there.");
      throw refusal;
    }
    try {
      image.truncate(total, true, wanted.preallocation());
    } catch (BlockIoException e) {
      throw session.failed(e.reason());
    }
  }

  private static long length(ImgSession session, BlockBackend image) throws Refusal {
    try {
      return image.length();
    } catch (BlockIoException e) {
      throw session.failed("Failed to inquire current image length: " + e.errno().text());
    }
  }
}
