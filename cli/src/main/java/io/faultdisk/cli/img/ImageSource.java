package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.OptionStrings;
import io.faultdisk.cli.tool.Refusal;
import java.util.Optional;

/**
 * An image as a command line names it.
 *
 * @param name a file name, or an option string with {@code --image-opts}
 * @param format the driver ({@code -f}); the content decides if absent
 * @param imageOptions whether {@code name} is an option string
 * @param forceShare open it even if another program writes to it ({@code -U})
 */
record ImageSource(String name, Optional<String> format, boolean imageOptions, boolean forceShare) {

  /** How the tool opens what it only reads: buffered, without writing. */
  static final OpenFlags READ =
      OpenFlags.TOOL.withReadOnly(true).withUnmap(false).withCache(false, false, false);

  /** How the tool opens what it changes. */
  static final OpenFlags WRITE = READ.withReadOnly(false);

  /** A file name, and maybe a driver. */
  static ImageSource of(String name, Optional<String> format) {
    return new ImageSource(name, format, false, false);
  }

  /** Opens it; the user of the result closes it, or the end of the session does. */
  BlockBackend open(ImgSession session, OpenFlags flags) throws Refusal {
    return imageOptions ? openOptions(session, flags) : openFile(session, new Options(), flags);
  }

  /** Opens the file with further options; what this says goes before them. */
  BlockBackend openFile(ImgSession session, Options options, OpenFlags flags) throws Refusal {
    format.ifPresent(driver -> options.put("driver", driver));
    if (forceShare) {
      options.put("force-share", "on");
    }
    return open(session, Optional.of(name), options, flags);
  }

  private BlockBackend openOptions(ImgSession session, OpenFlags flags) throws Refusal {
    if (format.isPresent()) {
      throw session.failed("--image-opts and --format are mutually exclusive");
    }
    Options options = OptionStrings.image(session.console(), name);
    if (forceShare) {
      if (options.has("force-share") && !options.string("force-share").equals(Optional.of("on"))) {
        throw session.failed("--force-share/-U conflicts with image options");
      }
      options.put("force-share", "on");
    }
    return open(session, Optional.empty(), options, flags);
  }

  private BlockBackend open(
      ImgSession session, Optional<String> filename, Options options, OpenFlags flags)
      throws Refusal {
    try {
      return session.graph().open(filename, options, flags);
    } catch (UsageException refused) {
      throw session.failed("Could not open '" + name + "': ", refused);
    }
  }

  /**
   * The flags with a cache mode.
   *
   * @param what names the option in the message, {@code cache} or {@code source cache}
   */
  static OpenFlags withCache(ImgSession session, OpenFlags flags, String what, String mode)
      throws Refusal {
    Optional<OpenFlags> next = flags.withCacheMode(mode);
    if (next.isEmpty()) {
      throw session.failed("Invalid " + what + " option: " + mode);
    }
    return next.get();
  }
}
