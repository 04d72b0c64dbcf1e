package io.faultdisk.cli.img;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * {@code compare}: whether two images have the same content.
 *
 * <p>Exit code 0 if so, 1 if not, 2 if one cannot be opened, 3 if its block status cannot be had, 4
 * if it cannot be read.
 */
final class CompareCommand implements ImgCommand {
  private static final int CANNOT_OPEN = 2;
  private static final double PROGRESS_STEP = 2;

  @Override
  public String name() {
    return "compare";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-f fmt] [-F fmt] [-T src_cache] [-p] [-q] [-s]"
        + " [-U] filename1 filename2";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:F:T:pqsU",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    Optional<String> formatA = Optional.empty();
    Optional<String> formatB = Optional.empty();
    String cache = "writeback";
    boolean showProgress = false;
    boolean quiet = false;
    boolean strict = false;
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> formatA = Optional.of(line.argument());
        case 'F' -> formatB = Optional.of(line.argument());
        case 'T' -> cache = line.argument();
        case 'p' -> showProgress = true;
        case 'q' -> quiet = true;
        case 's' -> strict = true;
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    List<String> names = line.operands();
    if (names.size() != 2) {
      throw session.misused("Expecting two image file names");
    }
    Progress progress = new Progress(session.console(), showProgress && !quiet, PROGRESS_STEP);
    try {
      ImageSource a = new ImageSource(names.get(0), formatA, imageOptions, forceShare);
      ImageSource b = new ImageSource(names.get(1), formatB, imageOptions, forceShare);
      Told told = new Told(session.console(), progress, quiet);
      return compare(session, a, b, cache, strict, told).exitCode();
    } finally {
      progress.end();
    }
  }

  private static Comparison.Outcome compare(
      ImgSession session, ImageSource a, ImageSource b, String cache, boolean strict, Told told)
      throws Refusal {
    BlockBackend imageA;
    BlockBackend imageB;
    try {
      OpenFlags flags = ImageSource.withCache(session, ImageSource.READ, "source cache", cache);
      imageA = a.open(session, flags);
      imageB = b.open(session, flags);
    } catch (Refusal said) {
      throw new Refusal(CANNOT_OPEN);
    }
    try (imageB;
        imageA) {
      session.turns().settleFor(List.of(imageA, imageB));
      return new Comparison(
              new Comparison.Side(imageA, a.name()),
              new Comparison.Side(imageB, b.name()),
              strict,
              told)
          .run();
    }
  }

  /** Prints what is told, results only unless quiet. */
  private static final class Told implements Comparison.Report {
    private final Console console;
    private final Progress progress;
    private final boolean quiet;

    Told(Console console, Progress progress, boolean quiet) {
      this.console = console;
      this.progress = progress;
      this.quiet = quiet;
    }

    @Override
    public void result(String line) {
      if (!quiet) {
        console.line(line);
      }
    }

    @Override
    public void error(String text) {
      console.report(text);
    }

    @Override
    public void progress(double percent) {
      progress.advance(percent);
    }
  }
}
