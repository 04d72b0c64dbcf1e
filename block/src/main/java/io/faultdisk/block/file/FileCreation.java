package io.faultdisk.block.file;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Messages;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import io.faultdisk.posix.OpenFlag;
import io.faultdisk.posix.PosixException;
import io.faultdisk.posix.PosixFile;
import java.util.List;

/**
 * Makes a regular file of a given length, or empties and resizes one that is there.
 *
 * <p>{@code nocow}, a hint for btrfs, is accepted and checked, nothing more.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c.
 */
final class FileCreation {
  private static final String HINT = "extent_size_hint";

  static final List<CreateOption> OPTIONS =
      List.of(
          CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"),
          CreateOption.of(
              "nocow", CreateOption.Type.BOOL, "Turn off copy-on-write (valid only on btrfs)"),
          CreateOption.of(
              "preallocation",
              CreateOption.Type.STRING,
              "Preallocation mode (allowed values: off, falloc, full)"),
          CreateOption.of(
              HINT, CreateOption.Type.SIZE, "Extent size hint for the image file, 0 to disable"));

  private static final int SECTOR = 512;
  private static final long HINT_DEFAULT = 1 << 20;
  private static final long HINT_MAX = 0xffffffffL;

  private FileCreation() {}

  static void create(String path, CreateOptions options, Messages messages)
      throws UsageException, BlockIoException {
    long size = (options.number("size", 0) + SECTOR - 1) & -SECTOR;
    String mode = options.text("preallocation").orElse("off");
    Preallocation preallocation =
        Preallocation.named(mode)
            .orElseThrow(() -> new UsageException("invalid parameter value: " + mode));
    long hint = options.number(HINT, HINT_DEFAULT);
    boolean asked = options.isGiven(HINT) && hint != 0;
    create(path, size, preallocation, hint, asked, messages);
  }

  /**
   * The same for {@code blockdev-create}.
   *
   * @param options flattened: filename, size, preallocation, nocow, extent-size-hint
   */
  static void create(Options options, Messages messages) throws UsageException, BlockIoException {
    OptionValues values =
        options.absorb(
            OptionSpec.string("filename"),
            OptionSpec.size("size"),
            OptionSpec.string("preallocation"),
            OptionSpec.bool("nocow"),
            OptionSpec.size("extent-size-hint"));
    if (!options.isEmpty()) {
      throw new UsageException("Parameter '" + options.keys().getFirst() + "' is unexpected");
    }
    for (String needed : List.of("filename", "size")) {
      if (!values.has(needed)) {
        throw new UsageException("Parameter '" + needed + "' is missing");
      }
    }
    String mode = values.string("preallocation").orElse("off");
    Preallocation preallocation =
        Preallocation.named(mode)
            .orElseThrow(
                () ->
                    new UsageException(
                        "Parameter 'preallocation' does not accept value '" + mode + "'"));
    long hint = values.size("extent-size-hint", HINT_DEFAULT);
    create(
        values.string("filename").orElseThrow(),
        values.size("size", 0),
        preallocation,
        hint,
        values.has("extent-size-hint") && hint != 0,
        messages);
  }

  private static void create(
      String path,
      long size,
      Preallocation preallocation,
      long hint,
      boolean asked,
      Messages messages)
      throws UsageException, BlockIoException {
    if (Long.compareUnsigned(hint, HINT_MAX) > 0) {
      throw new UsageException("Extent size hint is too large");
    }
    try (PosixFile file = open(path)) {
      fill(file, path, size, preallocation, () -> setHint(file, hint, asked, messages));
    } catch (PosixException e) {
      throw new BlockIoException(e.errno(), "Could not close the new file: " + e.errno().text());
    }
  }

  private static PosixFile open(String path) throws BlockIoException {
    try {
      return PosixFile.open(path, OpenFlag.READ_WRITE, OpenFlag.CREATE);
    } catch (PosixException e) {
      throw new BlockIoException(e.errno(), "Could not create '" + path + "': " + e.errno().text());
    }
  }

  /** Few file systems know the hint; that matters only to a user who has asked for it. */
  private static void setHint(PosixFile file, long hint, boolean asked, Messages messages) {
    try {
      file.extentSizeHint(hint);
    } catch (PosixException e) {
      if (asked) {
        messages.report("warning: Failed to set extent size hint: " + e.errno().text());
      }
    }
  }

  /**
   * Nobody else may resize the file meanwhile: in the end it has the length that was asked for.
   *
   * @param whileEmpty what is to be done between emptying and resizing it
   */
  private static void fill(
      PosixFile file, String path, long size, Preallocation preallocation, Runnable whileEmpty)
      throws UsageException, BlockIoException {
    ImageLock lock = new ImageLock(file, path);
    try {
      lock.prepare(
          new Permission.Wish(
              Permission.WRITE | Permission.RESIZE, Permission.ALL & ~Permission.RESIZE));
      FileResize resize = new FileResize(file);
      resize.resize(0, Preallocation.OFF);
      whileEmpty.run();
      if (size < 0) {
        throw new BlockIoException(Errno.EINVAL, "Could not resize file: Invalid argument");
      }
      resize.resize(size, preallocation);
    } finally {
      lock.settle(Permission.Wish.NONE);
    }
  }
}
