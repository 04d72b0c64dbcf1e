package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.Amendable;
import io.faultdisk.block.format.AmendableType;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.OptionString;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** {@code amend}: changes format specific options of an image that exists. */
final class AmendCommand implements ImgCommand {
  private static final int FORCE = CommandLine.OWN;
  private static final double ALL = 100;

  @Override
  public String name() {
    return "amend";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-p] [-q] [-f fmt] [-t cache] [--force]"
        + " -o options filename";
  }

  /** What the command line asks for. */
  private record Wanted(
      List<String> operands,
      Optional<String> format,
      boolean imageOptions,
      String cache,
      String options,
      boolean force) {

    boolean help() {
      return OptionString.wantsHelp(options);
    }
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "o:f:t:pq",
            CommandLine.IMAGE_OPTS_OPTION,
            LongOption.flag("force", FORCE));
    OptionList options = new OptionList();
    Optional<String> format = Optional.empty();
    String cache = "writeback";
    boolean shown = false;
    boolean quiet = false;
    boolean imageOptions = false;
    boolean force = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'o' -> options.add(session, line.argument());
        case 'f' -> format = Optional.of(line.argument());
        case 't' -> cache = line.argument();
        case 'p' -> shown = true;
        case 'q' -> quiet = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        case FORCE -> force = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    Optional<String> text = options.text();
    if (text.isEmpty()) {
      throw session.misused("Must specify options (-o)");
    }
    Wanted wanted = new Wanted(line.operands(), format, imageOptions, cache, text.get(), force);
    Progress progress = new Progress(session.console(), shown && !quiet, 1);
    try {
      amend(session, wanted, progress);
    } finally {
      progress.end();
    }
    return 0;
  }

  private static void amend(ImgSession session, Wanted wanted, Progress progress) throws Refusal {
    if (wanted.format().isPresent() && wanted.help()) {
      printHelp(session, wanted.format().get());
      return;
    }
    if (wanted.operands().size() != 1) {
      throw session.failed("Expecting one image file name");
    }
    OpenFlags flags = ImageSource.withCache(session, ImageSource.WRITE, "cache", wanted.cache());
    ImageSource image =
        new ImageSource(wanted.operands().get(0), wanted.format(), wanted.imageOptions(), false);
    try (BlockBackend opened = image.open(session, flags)) {
      DriverType type = opened.root().type();
      if (wanted.help()) {
        printHelp(session, type.name());
        return;
      }
      if (!(type instanceof AmendableType amendable)
          || !(opened.root().driver() instanceof Amendable driver)) {
        throw noAmendment(session, type.name());
      }
      CreateOptions options = parse(session, wanted.options(), type, amendable);
      progress.percent(0);
      try {
        driver.amend(options, wanted.force(), progress);
      } catch (UsageException refused) {
        progress.percent(ALL);
        throw session.failed(refused);
      } catch (BlockIoException e) {
        progress.percent(ALL);
        throw session.failed(e.reason());
      }
      progress.percent(ALL);
    }
  }

  private static CreateOptions parse(
      ImgSession session, String text, DriverType type, AmendableType amendable) throws Refusal {
    CreateOptions options = new CreateOptions(amendable.amendOptions());
    try {
      options.parse(text, session::warn);
      return options;
    } catch (UsageException refused) {
      Refusal refusal = session.failed(refused);
      if (fitsCreation(text, type, amendable)) {
        session.console().error("This option is only supported for image creation");
      }
      throw refusal;
    }
  }

  private static boolean fitsCreation(String text, DriverType type, AmendableType amendable) {
    if (!(type instanceof Creatable creatable)) {
      return false;
    }
    try {
      CreateOptions.merged(amendable.amendOptions(), creatable.createOptions()).parse(text);
      return true;
    } catch (UsageException unknownThereToo) {
      return false;
    }
  }

  private static void printHelp(ImgSession session, String format) throws Refusal {
    Optional<DriverType> type = session.graph().type(format);
    if (type.isEmpty() && !Drivers.isOfQemuOnly(format)) {
      throw session.failed("Unknown file format '" + format + "'");
    }
    if (!(type.orElse(null) instanceof AmendableType amendable)) {
      throw noAmendment(session, format);
    }
    session.console().line("Amend options for '" + format + "':");
    new CreateOptions(amendable.amendOptions()).help().forEach(session.console()::line);
  }

  private static Refusal noAmendment(ImgSession session, String format) {
    return session.failed("Format driver '" + format + "' does not support option amendment");
  }
}
