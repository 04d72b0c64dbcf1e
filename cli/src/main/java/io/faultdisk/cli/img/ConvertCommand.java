package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.SnapshotStore;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code convert}: copies one or more images into one, which is usually new. */
final class ConvertCommand implements ImgCommand {
  private static final double PROGRESS_STEP = 1;

  @Override
  public String name() {
    return "convert";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [--target-image-opts] [--target-is-zero]"
        + " [--bitmaps] [-U] [-C] [-c] [-p] [-q] [-n] [-f fmt] [-t cache] [-T src_cache]"
        + " [-O output_fmt] [-B backing_file [-F backing_fmt]] [-o options] [-l snapshot_param]"
        + " [-S sparse_size] [-r rate_limit] [-m num_coroutines] [-W] [--salvage] filename"
        + " [filename2 [...]] output_filename";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    ConvertArguments arguments = new ConvertArguments(session, args);
    arguments.read();
    NewImage created = new NewImage(session, arguments);
    if (created.showsHelp()) {
      return 0;
    }
    if (arguments.target().isEmpty()) {
      throw session.failed("Must specify image file name");
    }
    OpenFlags flags =
        ImageSource.withCache(
            session,
            ImageSource.READ.with(OpenFlags.Mode.NO_SHARE),
            "source cache",
            arguments.sourceCache);
    Progress progress = new Progress(session.console(), arguments.showsProgress(), PROGRESS_STEP);
    progress.percent(0);
    try {
      int exitCode = convert(session, arguments, created, flags, progress);
      if (exitCode == 0) {
        progress.percent(100);
      }
      return exitCode;
    } finally {
      progress.end();
    }
  }

  private static int convert(
      ImgSession session,
      ConvertArguments arguments,
      NewImage created,
      OpenFlags flags,
      Progress progress)
      throws Refusal {
    List<ConvertSource> sources = new ArrayList<>();
    try {
      long start = 0;
      for (ImageSource image : arguments.sources()) {
        ConvertSource source = open(session, image, flags, start);
        sources.add(source);
        start = source.end();
      }
      if (arguments.snapshot.isPresent()) {
        load(session, arguments.snapshot.get(), sources);
      }
      if (!created.settle(sources)) {
        return 0;
      }
      try (ConvertOutput output = new ConvertOutput(session, arguments, created, sources)) {
        return copy(session, arguments, sources, output, progress) ? 0 : 1;
      }
    } finally {
      sources.forEach(source -> source.image().close());
    }
  }

  private static ConvertSource open(
      ImgSession session, ImageSource source, OpenFlags flags, long start) throws Refusal {
    BlockBackend image = source.open(session, flags);
    try {
      Node node = image.root();
      long alignment =
          (node.limits().requestAlignment() + SectorScan.SECTOR - 1L) / SectorScan.SECTOR;
      long cluster = ConvertOutput.clusterSize(node).orElse(0) / SectorScan.SECTOR;
      long sectors = image.length() / SectorScan.SECTOR;
      return new ConvertSource(image, start, sectors, Math.max(alignment, cluster));
    } catch (BlockIoException e) {
      image.close();
      throw session.failed("Could not get size of " + source.name() + ": " + e.errno().text());
    }
  }

  private static void load(
      ImgSession session, ConvertArguments.SnapshotChoice choice, List<ConvertSource> sources)
      throws Refusal {
    if (choice.either().isPresent() && sources.size() > 1) {
      throw session.failed("No support for concatenating multiple snapshot");
    }
    Node node = sources.get(0).image().root();
    try {
      if (!(node.driver() instanceof SnapshotStore store)) {
        throw new UsageException(
            "Block format '"
                + node.type().name()
                + "' used by device '' does not support temporarily loading internal snapshots");
      }
      if (choice.either().isEmpty()) {
        store.loadSnapshot(choice.id(), choice.name());
        return;
      }
      boolean isId =
          store.snapshots().stream().anyMatch(known -> known.id().equals(choice.either().get()));
      if (isId) {
        store.loadSnapshot(choice.either(), Optional.empty());
      } else {
        store.loadSnapshot(Optional.empty(), choice.either());
      }
    } catch (UsageException refused) {
      throw session.failed("Failed to load snapshot: ", refused);
    }
  }

  private static boolean copy(
      ImgSession session,
      ConvertArguments arguments,
      List<ConvertSource> sources,
      ConvertOutput output,
      Progress progress)
      throws Refusal {
    ConvertSettings settings = arguments.settings();
    ConvertTarget target = output.target();
    Told told = new Told(session.console());
    ConvertMap map = new ConvertMap(sources, settings, target, told::warning);
    List<BlockBackend> images =
        new ArrayList<>(sources.stream().map(ConvertSource::image).toList());
    images.add(target.image());
    session.turns().settleFor(images);
    ConvertCopy copy =
        new ConvertCopy(
            map,
            settings,
            target,
            output.readsAsZeroes(),
            session.turns(),
            new Pace(settings.rateLimit(), session.clock(), session.sleeper()),
            told,
            progress::percent);
    try {
      copy.prepare();
    } catch (UsageException failed) {
      throw session.failed(failed);
    }
    boolean ordered = session.turns().loop().isPresent();
    boolean waits = images.stream().anyMatch(image -> image.root().waits());
    Workers.run(
        session.turns().loop(),
        ordered || waits ? settings.workers() : usefulWorkers(settings.workers()),
        copy::work);
    if (copy.failed()) {
      return false;
    }
    if (settings.compressed()) {
      try {
        copy.finishCompressed();
      } catch (BlockIoException e) {
        return false; // without a word, as the real tool does
      }
    }
    output.copyBitmaps(sources.get(0).image().root());
    return true;
  }

  /**
   * Copying in the page cache keeps a processor busy; more workers would only push each other's
   * data out of it.
   */
  private static int usefulWorkers(int wanted) {
    return Math.min(wanted, Runtime.getRuntime().availableProcessors());
  }

  /** Prints what a copy says. */
  private record Told(Console console) implements ConvertCopy.Messages {
    @Override
    public void error(String text) {
      console.report(text);
    }

    @Override
    public void warning(String text) {
      console.warn(text);
    }
  }
}
