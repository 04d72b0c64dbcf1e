package io.faultdisk.cli.img;

import io.faultdisk.base.json.Json;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * {@code check}: looks for wrong metadata and, with {@code -r}, repairs it. The exit code says what
 * is wrong with the image in the end.
 */
final class CheckCommand implements ImgCommand {
  private static final int FAILED = 1;
  private static final int CORRUPT = 2;
  private static final int LEAKS = 3;
  private static final int NOT_SUPPORTED = 63;

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-q] [-f fmt] [--output=ofmt] [-r [leaks | all]]"
        + " [-T src_cache] [-U] filename";
  }

  /** What the command line asks for. */
  private record Wanted(Checkable.Repair repair, OutputFormat output, boolean quiet) {}

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:r:T:qU",
            CommandLine.FORMAT_OPTION,
            LongOption.withArgument("repair", 'r'),
            CommandLine.OUTPUT_OPTION,
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    Optional<String> format = Optional.empty();
    OpenFlags flags = ImageSource.READ.with(OpenFlags.Mode.CHECK);
    Checkable.Repair repair = Checkable.Repair.NOTHING;
    String output = "human";
    String cache = "writeback";
    boolean quiet = false;
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'r' -> {
          flags = flags.withReadOnly(false);
          repair = repair(session, line.argument());
        }
        case CommandLine.OUTPUT -> output = line.argument();
        case 'T' -> cache = line.argument();
        case 'q' -> quiet = true;
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    ImageSource image = new ImageSource(line.onlyImage(), format, imageOptions, forceShare);
    Wanted wanted = new Wanted(repair, OutputFormat.named(session, output), quiet);
    OpenFlags how = ImageSource.withCache(session, flags, "source cache", cache);
    try (BlockBackend opened = image.open(session, how)) {
      return check(session, image.name(), opened, wanted);
    }
  }

  private static Checkable.Repair repair(ImgSession session, String what) throws Refusal {
    return switch (what) {
      case "leaks" -> new Checkable.Repair(true, false);
      case "all" -> new Checkable.Repair(true, true);
      default ->
          throw session.misused(
              "Unknown option value for -r (expecting 'leaks' or 'all'): " + what);
    };
  }

  private static int check(ImgSession session, String name, BlockBackend image, Wanted wanted)
      throws Refusal {
    Console console = session.console();
    if (!(image.root().driver() instanceof Checkable checkable)) {
      console.report("This image format does not support checks");
      return NOT_SUPPORTED;
    }
    CheckResult result = check(session, checkable, wanted.repair());
    int corruptionsFixed = result.corruptionsFixed();
    int leaksFixed = result.leaksFixed();
    if (corruptionsFixed != 0 || leaksFixed != 0) {
      if (wanted.output() == OutputFormat.HUMAN && !wanted.quiet()) {
        CheckText.repaired(leaksFixed, corruptionsFixed).forEach(console::line);
      }
      result = check(session, checkable, Checkable.Repair.NOTHING);
    }
    if (!wanted.quiet()) {
      switch (wanted.output()) {
        case HUMAN -> CheckText.lines(result).forEach(console::line);
        case JSON -> {
          String format = image.root().type().name();
          console.line(
              Json.writePretty(CheckText.json(name, format, result, corruptionsFixed, leaksFixed)));
        }
      }
    }
    return exitCode(console, result);
  }

  private static int exitCode(Console console, CheckResult result) {
    if (result.checkErrors() != 0) {
      console.report("Check failed");
      return FAILED;
    }
    if (result.corruptions() != 0) {
      return CORRUPT;
    }
    return result.leaks() != 0 ? LEAKS : 0;
  }

  private static CheckResult check(ImgSession session, Checkable image, Checkable.Repair repair)
      throws Refusal {
    try {
      return image.check(repair, session.console()::error);
    } catch (BlockIoException e) {
      throw session.failed("Check failed: " + e.errno().text());
    }
  }
}
