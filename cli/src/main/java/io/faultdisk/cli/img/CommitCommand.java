package io.faultdisk.cli.img;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.format.Emptyable;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** {@code commit}: writes what an image holds into its backing file, and empties the image. */
final class CommitCommand implements ImgCommand {
  private static final double PROGRESS_STEP = 1;
  private static final int IN_FLIGHT_MAX = 16;

  private Optional<String> format = Optional.empty();
  private Optional<String> base = Optional.empty();
  private String cache = "writeback";
  private boolean keep;
  private boolean showProgress;
  private boolean quiet;
  private boolean imageOptions;
  private long rateLimit;

  @Override
  public String name() {
    return "commit";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-q] [-f fmt] [-t cache] [-b base]"
        + " [-r rate_limit] [-d] [-p] filename";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(session, name(), args, "f:t:b:dpqr:", CommandLine.IMAGE_OPTS_OPTION);
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 't' -> cache = line.argument();
        case 'b' -> {
          base = Optional.of(line.argument());
          keep = true;
        }
        case 'd' -> keep = true;
        case 'p' -> showProgress = true;
        case 'q' -> quiet = true;
        case 'r' -> rateLimit = ByteCount.read(session, "rate limit", line.argument());
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    String name = line.onlyImage();
    OpenFlags flags =
        ImageSource.withCache(session, ImageSource.WRITE.withUnmap(true), "cache", cache);
    ImageSource source = new ImageSource(name, format, imageOptions, false);
    Progress progress = new Progress(session.console(), showProgress && !quiet, PROGRESS_STEP);
    try (BlockBackend image = source.open(session, flags)) {
      progress.percent(0);
      try {
        commit(session, image, name, progress);
      } finally {
        progress.end();
      }
    } catch (UsageException failed) {
      throw session.failed(failed);
    }
    if (!quiet) {
      session.console().line("Image committed.");
    }
    return 0;
  }

  private void commit(ImgSession session, BlockBackend image, String name, Progress progress)
      throws UsageException {
    Node below = base(image.root(), name);
    try (BlockBackend target = writable(session, image, below)) {
      session.turns().settleFor(List.of(image));
      RequestWindow window = new RequestWindow(session.turns().loop(), IN_FLIGHT_MAX);
      Pace pace = new Pace(rateLimit, session.clock(), session.sleeper());
      new CommitCopy(image, target, window, pace, progress::percent).run();
    } catch (BlockIoException e) {
      throw new UsageException("Block job failed: " + e.errno().text());
    }
    progress.percent(100);
    if (!keep) {
      empty(image.root());
    }
  }

  private Node base(Node image, String name) throws UsageException {
    if (base.isPresent()) {
      return BackingChain.find(image, base.get())
          .orElseThrow(
              () ->
                  new UsageException(
                      "Did not find '" + base.get() + "' in the backing chain of '" + name + "'"));
    }
    List<Node> images = BackingChain.images(image);
    if (images.size() < 2) {
      throw new UsageException("Image does not have a backing file");
    }
    return images.get(1);
  }

  /** A user of the base that may write to it, and make it as long as the image. */
  private static BlockBackend writable(ImgSession session, BlockBackend image, Node below)
      throws UsageException, BlockIoException {
    BlockBackend target = session.graph().use(below, Permission.Wish.NONE, false);
    boolean done = false;
    try {
      if (below.readOnly()) {
        target.reopen(below.flags().withReadOnly(false), new Options());
      }
      boolean grows = target.length() < image.length();
      target.requirePermissions(Permission.WRITE | (grows ? Permission.RESIZE : 0));
      done = true;
      return target;
    } finally {
      if (!done) {
        target.close();
      }
    }
  }

  private static void empty(Node image) throws UsageException {
    Node overlay = BackingChain.skipFilters(image);
    if (!(overlay.driver() instanceof Emptyable emptyable)) {
      return; // then it stays as it is
    }
    try {
      emptyable.makeEmpty();
    } catch (BlockIoException e) {
      if (!e.errno().equals(Errno.ENOTSUP)) {
        // The name as it was when the image was opened, before it had a backing file.
        String file = image.primaryChild().map(Child::node).orElse(image).filename();
        throw new UsageException("Failed to empty " + file + ": " + e.errno().text());
      }
    }
  }
}
