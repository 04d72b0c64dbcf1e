package io.faultdisk.cli.img;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.format.BackingChangeable;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code rebase}: gives an image another backing file. The safe way keeps what the image shows; the
 * unsafe one ({@code -u}) only writes the new name.
 */
final class RebaseCommand implements ImgCommand {
  private static final double PROGRESS_STEP = 2;

  private Optional<String> format = Optional.empty();
  private Optional<String> backing = Optional.empty();
  private Optional<String> backingFormat = Optional.empty();
  private String cache = "writeback";
  private String sourceCache = "writeback";
  private boolean unsafe;
  private boolean showProgress;
  private boolean quiet;
  private boolean imageOptions;
  private boolean forceShare;

  @Override
  public String name() {
    return "rebase";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-U] [-q] [-f fmt] [-t cache] [-T src_cache] [-p]"
        + " [-u] -b backing_file [-F backing_fmt] filename";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:F:b:upt:T:qU",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'F' -> backingFormat = Optional.of(line.argument());
        case 'b' -> backing = Optional.of(line.argument());
        case 'u' -> unsafe = true;
        case 'p' -> showProgress = true;
        case 't' -> cache = line.argument();
        case 'T' -> sourceCache = line.argument();
        case 'q' -> quiet = true;
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    String name = line.onlyImage();
    if (!unsafe && backing.isEmpty()) {
      throw session.misused("Must specify backing file (-b) or use unsafe mode (-u)");
    }
    Progress progress = new Progress(session.console(), showProgress && !quiet, PROGRESS_STEP);
    progress.percent(0);
    try {
      return rebase(session, name, progress) ? 0 : 1;
    } finally {
      progress.end();
    }
  }

  private boolean rebase(ImgSession session, String name, Progress progress) throws Refusal {
    OpenFlags flags = ImageSource.withCache(session, ImageSource.WRITE, "cache", cache);
    if (unsafe) {
      flags = flags.with(OpenFlags.Mode.NO_BACKING);
    }
    OpenFlags sourceFlags =
        ImageSource.withCache(session, ImageSource.READ, "source cache", sourceCache);
    ImageSource source = new ImageSource(name, format, imageOptions, false);
    List<BlockBackend> opened = new ArrayList<>();
    try (BlockBackend image = source.open(session, flags)) {
      if (backingFormat.isPresent() && !isFormat(session, backingFormat.get())) {
        throw session.failed("Invalid format name: '" + backingFormat.get() + "'");
      }
      if (!unsafe) {
        keepContent(session, name, image, sourceFlags, opened, progress);
      }
      boolean changed = change(session, BackingChain.skipFilters(image.root()));
      progress.percent(100);
      opened.forEach(BlockBackend::close);
      return changed;
    } finally {
      opened.forEach(BlockBackend::close);
    }
  }

  /** A format need only have a name to be written into the image. */
  private static boolean isFormat(ImgSession session, String name) {
    return session.graph().type(name).isPresent() || Drivers.isOfQemuOnly(name);
  }

  /** Copies into the image what the new backing file does not show. */
  private void keepContent(
      ImgSession session,
      String name,
      BlockBackend image,
      OpenFlags flags,
      List<BlockBackend> opened,
      Progress progress)
      throws Refusal {
    Optional<BlockBackend> before = Optional.empty();
    Optional<Node> old = BackingChain.skipFilters(image.root()).backing();
    if (old.isPresent()) {
      String prefix = "Could not reuse old backing file '" + old.get().filename() + "': ";
      before = Optional.of(reuse(session, old.get(), prefix));
      opened.add(before.get());
    }
    Optional<BlockBackend> after = Optional.empty();
    Optional<Node> common = Optional.empty();
    String wanted = backing.orElse("");
    if (!wanted.isEmpty()) {
      String full = full(session, image.root(), wanted);
      common = BackingChain.find(image.root(), full);
      after =
          Optional.of(
              common.isPresent()
                  ? reuse(session, common.get(), "Could not reuse backing file '" + wanted + "': ")
                  : open(session, full, wanted, flags));
      opened.add(after.get());
    }
    List<BlockBackend> all = new ArrayList<>(opened);
    all.add(image);
    session.turns().settleFor(all);
    try {
      long length = length(session, image, name);
      String oldName = image.root().backingReference().map(BackingReference::filename).orElse("");
      var from = new RebaseCopy.Backing(before, length(session, before, oldName));
      var to = new RebaseCopy.Backing(after, length(session, after, wanted));
      new RebaseCopy(image, from, to, common, progress::advance).run(length);
    } catch (UsageException failed) {
      throw session.failed(failed);
    }
  }

  private static BlockBackend reuse(ImgSession session, Node node, String prefix) throws Refusal {
    try {
      Permission.Wish wish = new Permission.Wish(Permission.CONSISTENT_READ, Permission.ALL);
      return session.graph().use(node, wish, false);
    } catch (UsageException refused) {
      throw session.failed(prefix, refused);
    }
  }

  private static String full(ImgSession session, Node image, String wanted) throws Refusal {
    try {
      return FileNames.backing(image.exactFilename().orElse(image.filename()), wanted);
    } catch (UsageException refused) {
      throw session.failed("Could not resolve backing filename: ", refused);
    }
  }

  private BlockBackend open(ImgSession session, String full, String wanted, OpenFlags flags)
      throws Refusal {
    Options options = new Options();
    backingFormat.ifPresent(driver -> options.put("driver", driver));
    if (forceShare) {
      options.put("force-share", "on");
    }
    try {
      return session.graph().open(Optional.of(full), options, flags);
    } catch (UsageException refused) {
      throw session.failed("Could not open new backing file '" + wanted + "': ", refused);
    }
  }

  private static long length(ImgSession session, Optional<BlockBackend> image, String name)
      throws Refusal {
    return image.isEmpty() ? 0 : length(session, image.get(), name);
  }

  private static long length(ImgSession session, BlockBackend image, String name) throws Refusal {
    try {
      return image.length();
    } catch (BlockIoException e) {
      throw session.failed("Could not get size of '" + name + "': " + e.errno().text());
    }
  }

  /** Writes the new name into the image; false if that failed, which has been said. */
  private boolean change(ImgSession session, Node image) {
    Optional<BackingReference> next =
        backing
            .filter(file -> !file.isEmpty())
            .map(file -> new BackingReference(file, backingFormat));
    String shown = "Could not change the backing file to '" + backing.orElse("(null)") + "': ";
    try {
      if (next.isPresent() && backingFormat.isEmpty()) {
        throw new BlockIoException(Errno.EINVAL); // no probing: that would not be safe
      }
      if (!(image.driver() instanceof BackingChangeable changeable)) {
        throw new BlockIoException(Errno.ENOTSUP);
      }
      changeable.changeBacking(next);
      return true;
    } catch (BlockIoException e) {
      String reason = e.errno().text();
      if (e.errno().equals(Errno.ENOSPC)) {
        reason = "No space left in the file header";
      } else if (e.errno().equals(Errno.EINVAL) && backing.isPresent() && backingFormat.isEmpty()) {
        reason = "backing format must be specified";
      }
      session.console().report(shown + reason);
      return false;
    }
  }
}
