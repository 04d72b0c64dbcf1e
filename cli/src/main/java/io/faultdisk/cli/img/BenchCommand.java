package io.faultdisk.cli.img;

import io.faultdisk.base.Units;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.OpenFlags.Aio;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.CInteger;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code bench}: how long many requests take. */
final class BenchCommand implements ImgCommand {
  private static final int FLUSH_INTERVAL = CommandLine.OWN;
  private static final int NO_DRAIN = CommandLine.OWN + 1;
  private static final int PATTERN = CommandLine.OWN + 2;
  private static final int BYTE_MAX = 255;
  private static final double NANOS_PER_SECOND = 1e9;

  private OpenFlags flags = ImageSource.READ;
  private Optional<String> format = Optional.empty();
  private boolean imageOptions;
  private boolean forceShare;
  private boolean write;
  private int count = 75_000;
  private int depth = 64;
  private long offset;
  private int bufferSize = 4096;
  private int step;
  private int pattern;
  private int flushInterval;
  private boolean drain = true;

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String synopsis() {
    return "[-c count] [-d depth] [-f fmt] [--flush-interval=flush_interval] [-i aio] [-n]"
        + " [--no-drain] [-o offset] [--pattern=pattern] [-q] [-s buffer_size] [-S step_size]"
        + " [-t cache] [-w] [-U] filename";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "c:d:f:ni:o:qs:S:t:wU",
            LongOption.withArgument("flush-interval", FLUSH_INTERVAL),
            LongOption.withArgument("pattern", PATTERN),
            LongOption.flag("no-drain", NO_DRAIN),
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      take(session, o, line);
    }
    String name = line.onlyImage();
    if (!write && flushInterval != 0) {
      throw session.failed("--flush-interval is only available in write tests");
    }
    if (flushInterval != 0 && flushInterval < depth) {
      throw session.failed("Flush interval can't be smaller than depth");
    }
    ImageSource source = new ImageSource(name, format, imageOptions, forceShare);
    try (BlockBackend image = source.open(session, flags)) {
      return measure(session, image) ? 0 : 1;
    }
  }

  private void take(ImgSession session, int option, CommandLine line) throws Refusal {
    switch (option) {
      case 'c' -> count = number(session, "request count", line.argument(), Integer.MAX_VALUE);
      case 'd' -> depth = number(session, "queue depth", line.argument(), Integer.MAX_VALUE);
      case 'f' -> format = Optional.of(line.argument());
      case 'n' -> flags = flags.withAio(Aio.NATIVE);
      case 'i' -> {
        Aio aio =
            Aio.named(line.argument())
                .orElseThrow(() -> session.failed("Invalid aio option: " + line.argument()));
        flags = aio == Aio.THREADS ? flags : flags.withAio(aio);
      }
      case 'o' -> offset = ByteCount.read(session, "offset", line.argument());
      case 's' -> bufferSize = bytes(session, "buffer size", line.argument());
      case 'S' -> step = bytes(session, "step_size", line.argument());
      case 't' ->
          flags =
              flags
                  .withCacheMode(line.argument())
                  .orElseThrow(() -> session.failed("Invalid cache mode"));
      case 'w' -> {
        flags = flags.withReadOnly(false);
        write = true;
      }
      case 'U' -> forceShare = true;
      case PATTERN -> pattern = number(session, "pattern byte", line.argument(), BYTE_MAX);
      case FLUSH_INTERVAL ->
          flushInterval = number(session, "flush interval", line.argument(), Integer.MAX_VALUE);
      case NO_DRAIN -> drain = false;
      case CommandLine.IMAGE_OPTS -> imageOptions = true;
      case 'q' -> {} // nothing that is printed is left out
      default -> throw new IllegalStateException("option " + option);
    }
  }

  private static int number(ImgSession session, String what, String text, int max) throws Refusal {
    OptionalLong number = CInteger.parse(text);
    if (text.isEmpty() || number.isEmpty() || number.getAsLong() < 0 || number.getAsLong() > max) {
      throw session.failed("Invalid " + what + " specified");
    }
    return (int) number.getAsLong();
  }

  private static int bytes(ImgSession session, String what, String text) throws Refusal {
    return (int) ByteCount.read(session, what, text, 0, Integer.MAX_VALUE);
  }

  private boolean measure(ImgSession session, BlockBackend image) {
    long size;
    try {
      size = image.length();
    } catch (BlockIoException e) {
      return false;
    }
    BenchPlan plan =
        new BenchPlan(
            write,
            bufferSize,
            depth,
            count,
            offset,
            step == 0 ? bufferSize : step,
            flushInterval,
            drain,
            pattern);
    session.console().line(plan.announcement());
    session.turns().settleFor(List.of(image));
    long start = session.clock().nanoTime();
    Optional<String> failure = send(session, image, plan, size);
    if (failure.isPresent()) {
      session.console().report(failure.get());
      return false;
    }
    double seconds = (session.clock().nanoTime() - start) / NANOS_PER_SECOND;
    session.console().line("Run completed in " + Units.fixed(seconds, 3) + " seconds.");
    return true;
  }

  private Optional<String> send(ImgSession session, BlockBackend image, BenchPlan plan, long size) {
    Optional<Loop> loop = session.turns().loop();
    if (loop.isPresent()) {
      return new BenchLoop(loop.get(), image, plan, size).run();
    }
    try {
      new BenchRun(image, plan, size).run(threads(image));
      return Optional.empty();
    } catch (BenchRun.Failed failed) {
      return Optional.of(failed.what());
    }
  }

  /** A cached request keeps a processor busy; one that goes to a disk or a server does not. */
  private int threads(BlockBackend image) {
    int useful = image.root().waits() ? depth : Runtime.getRuntime().availableProcessors();
    return Math.clamp(useful, 1, Math.max(1, Math.min(depth, 64)));
  }
}
